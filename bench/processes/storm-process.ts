import { readFileSync } from 'node:fs';
import { Random } from '../../scripts/members/random';
import { type BenchMember, readJob } from '../job';
import { capacity } from '../overload/capacity';
import { type Rates, type StormTarget, storm } from '../overload/storm';
import { answerQuestions } from './child';

/** What the process that makes storms can be asked for. */
export type StormQuestion =
  | { readonly kind: 'capacity'; readonly target: StormTarget; readonly shares: Rates; readonly seconds: number }
  | { readonly kind: 'storm'; readonly target: StormTarget; readonly rates: Rates; readonly seconds: number };

const SEED = 1;

const members = JSON.parse(readFileSync(readJob().dataset, 'utf8')) as BenchMember[];
const drawn = new Random(SEED);
const source = { members, random: () => drawn.below(2 ** 32) / 2 ** 32 };

answerQuestions<StormQuestion>((question) =>
  question.kind === 'capacity'
    ? capacity(question.target, { ...source, ...question })
    : storm(question.target, { ...source, ...question }),
);
