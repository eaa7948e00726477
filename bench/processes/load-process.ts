import { readFileSync } from 'node:fs';
import { type BenchMember, readJob } from '../job';
import { closedLoop } from '../load/closed-loop';
import { openLoop } from '../load/open-loop';
import { RequestSource } from '../load/requests';
import { answerQuestions } from './child';

/** What the process that makes load can be asked for. */
export type LoadQuestion =
  | { readonly kind: 'closed'; readonly url: string; readonly seconds: number; readonly connections: number }
  | {
      readonly kind: 'open';
      readonly url: string;
      readonly seconds: number;
      readonly connections: number;
      readonly perS: number;
    };

const job = readJob();
const members = JSON.parse(readFileSync(job.dataset, 'utf8')) as BenchMember[];
const source = new RequestSource(job, { members });

answerQuestions<LoadQuestion>((question) =>
  question.kind === 'closed' ? closedLoop(source, question) : openLoop(source, question),
);
