"""Starts moto's Parameter Store with a memory: moto itself forgets every value when its process ends.

Usage: parameter_store.py PORT JOURNAL. A call that changes parameters stands in the journal before it is answered, and
the journal is played back before the port opens.
"""

import json
import os
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

READING = ("AmazonSSM.Get", "AmazonSSM.Describe", "AmazonSSM.List")
# The signed scope tells moto the region; nothing checks the signature.
KEPT_HEADERS = {"X-Amz-Target": "HTTP_X_AMZ_TARGET", "Content-Type": "CONTENT_TYPE", "Authorization": "HTTP_AUTHORIZATION"}


class JournaledStore:
    def __init__(self, store, path):
        self.store = store
        self.lock = threading.Lock()
        self.replay(path)
        self.journal = open(path, "a", encoding="utf-8")

    def replay(self, path):
        if not os.path.exists(path):
            return
        with open(path, "rb") as journal:
            lines = journal.read().split(b"\n")
        # What stands behind the last line end was never answered.
        with open(path, "r+b") as journal:
            journal.truncate(sum(len(line) + 1 for line in lines[:-1]))
        for line in lines[:-1]:
            call = json.loads(line)
            environ = EnvironBuilder(method="POST", headers=call["headers"], data=call["body"].encode()).get_environ()
            run_wsgi_app(self.store, environ)

    def __call__(self, environ, start_response):
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if not target.startswith("AmazonSSM.") or target.startswith(READING):
            return self.store(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {name: environ.get(key, "") for name, key in KEPT_HEADERS.items()}
        again = EnvironBuilder(method="POST", headers=headers, data=body).get_environ()
        # One at a time, so that the journal has the order in which values were taken.
        with self.lock:
            answer = Response(*run_wsgi_app(self.store, again, buffered=True))
            if answer.status_code == 200:
                self.journal.write(json.dumps({"headers": headers, "body": body.decode()}) + "\n")
                self.journal.flush()
                os.fsync(self.journal.fileno())
        return answer(environ, start_response)


def main():
    port, journal = int(sys.argv[1]), sys.argv[2]
    store = JournaledStore(DomainDispatcherApplication(create_backend_app), journal)
    run_simple("127.0.0.1", port, store, threaded=True, request_handler=MotoRequestHandler)


main()
