"""What schemathesis cannot know of this API by the document alone: its errors."""

import re
import time

import requests
import schemathesis

RETRIES = 5
TIMEOUT_S = 30

TRACE_ID = re.compile(r"^[0-9a-f]{32}$")
# A path of the sources, a frame of a stack, or the words of a driver.
INTERNALS = re.compile(r"node_modules|\.ts:\d+|\.c?js:\d+|\n\s+at |ECONN|SELECT |\bER_[A-Z]|lambdas/")
# What a path or a method that means no call is answered; the document says so once, for all of them.
WITHOUT_CALL = {404: "NO_SUCH_ROUTE", 405: "METHOD_NOT_ALLOWED"}


@schemathesis.check
def problem_conformance(ctx, response, case):
    """An error is a problem of a code that the document lists for this call and status."""
    status = response.status_code
    if status < 400:
        return
    assert response.headers.get("content-type") == ["application/problem+json"], "an error must be a problem"
    problem = response.json()
    assert problem["status"] == status, f"the body says {problem['status']}"
    assert problem["type"] == f"urn:twinkeep:error:{problem['code']}", "type and code differ"
    assert TRACE_ID.match(problem["traceId"]), "traceId is none"
    assert problem["code"] == WITHOUT_CALL.get(status) or problem["code"] in documented_codes(
        case, status
    ), f"{problem['code']} is not documented for {case.operation.label}"


@schemathesis.check
def nothing_is_down(ctx, response, case):
    """While every store answers, no request is refused as unavailable for good, but by a version that nobody has reached."""
    if response.status_code != 503:
        return
    retry_after = response.headers.get("retry-after")
    assert retry_after, "503 must say when to come again"
    if "Min-Version" in (case.headers or {}):
        return
    # On a busy machine a store may be late once. A request that can never be answered is late each time.
    with requests.Session() as session:
        for _ in range(RETRIES):
            time.sleep(int(retry_after[0]))
            if session.send(response.request, timeout=TIMEOUT_S).status_code != 503:
                return
    raise AssertionError("503 again and again though nothing is down")


@schemathesis.check
def no_internals(ctx, response, case):
    """No answer shows what the system is made of."""
    if case.operation.path == "/openapi.json" and response.status_code == 200:
        return
    found = INTERNALS.search(response.text)
    assert found is None, f"the answer shows {found and found.group()!r}"


def documented_codes(case, status):
    responses = case.operation.definition.raw["responses"]
    content = responses.get(str(status), {}).get("content", {})
    return content.get("application/problem+json", {}).get("examples", {})
