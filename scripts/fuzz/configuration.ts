import type { KnownMembers } from './members';

/**
 * Checks of schemathesis that are made on every answer, besides those of checks.py.
 *
 * Left out: `positive_data_acceptance`, because what may stand in a text, which cursor is ours or that exactly one key is
 * named is more than a schema says, so that a request that fits it may be refused; `object_level_authorization`, because
 * members belong to no caller; `max_response_time`, because a machine under test promises none.
 */
export const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'unsupported_method',
  'allow_header_conformance',
  'use_after_free',
  'ensure_resource_availability',
  'ignored_auth',
  'problem_conformance',
  'nothing_is_down',
  'no_internals',
] as const;

/** 503 is an answer of the document; whether there was a reason for it says checks.py. */
const NO_SERVER_ERRORS = ['2xx', '3xx', '4xx', '503'];
/** Whether a member has another version, is closed, or a key was used before comes first, or is refused the same way. */
const REFUSALS = [
  '400',
  '401',
  '403',
  '404',
  '405',
  '406',
  '409',
  '410',
  '412',
  '413',
  '415',
  '422',
  '428',
  '429',
  '503',
];

/** Schemathesis reads the API key from here, so that it stands in no file and no list of processes. */
export const API_KEY_VARIABLE = 'TWINKEEP_FUZZ_API_KEY';

/** The configuration of one run, as TOML. */
export function configuration(members: KnownMembers): string {
  return [
    'continue-on-failure = true',
    'request-timeout = 30',
    '[auth.openapi]',
    `apiKey = { api_key = "\${${API_KEY_VARIABLE}}" }`,
    '[checks]',
    `not_a_server_error = { expected-statuses = ${list(NO_SERVER_ERRORS)} }`,
    `negative_data_rejection = { expected-statuses = ${list(REFUSALS)} }`,
    '[generation]',
    'database = "none"',
    '[parameters]',
    bound('path.id', 'ids'),
    bound('path.account', 'accounts'),
    bound('query.phone', 'phones'),
    ...Object.entries(members).flatMap(([name, values]) => [`[dictionaries.${name}]`, `values = ${list(values)}`]),
    '',
  ].join('\n');
}

function bound(parameter: string, dictionary: keyof KnownMembers): string {
  return `"${parameter}" = { dictionary = "${dictionary}", probability = 0.5 }`;
}

/** JSON's strings are also TOML's. */
function list(values: readonly string[]): string {
  return JSON.stringify(values);
}
