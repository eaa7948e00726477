import type { MemberCopy, Source } from '../members';
import { canonicalAccount, etagOf } from '../members';
import type { Deadline } from '../resilience';
import type { Caller } from '../traffic';
import type { AnswerHeaders, Headers, HttpEvent, PathParameters, Trace } from './http';

/** One request that passed the guards. */
export interface Call {
  readonly event: HttpEvent;
  readonly headers: Headers;
  readonly parameters: Readonly<PathParameters>;
  readonly caller: Caller;
  readonly trace: Trace;
  readonly deadline: Deadline;
}

/** The member or account that its path says a call is about, always spelled the same; empty where it names none. */
export function accountIn({ id, platform, account }: Readonly<PathParameters>): string {
  if (id !== '') return id;
  return platform === '' ? '' : `${platform}/${canonicalAccount(platform, account)}`;
}

function sourceText(source: Source): string {
  switch (source.kind) {
    case 'cache':
      return 'cache';
    case 'database':
      return `database;unit=${source.unit};role=${source.role}`;
    case 'search':
      return `search;domain=${source.domain}`;
  }
}

/** What an answer says about the copy that it was made from. */
export function copyHeaders(copy: Pick<MemberCopy, 'version' | 'source' | 'degraded'>, trace: Trace): AnswerHeaders {
  return {
    ETag: etagOf(copy.version),
    Source: sourceText(copy.source),
    Degraded: copy.degraded,
    traceparent: trace.traceparent,
  };
}

export function sourceHeader(source: Source): AnswerHeaders {
  return { Source: sourceText(source) };
}
