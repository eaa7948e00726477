/**
 * What each algorithm is to do, said in another way: from all calls that ever passed, or microsecond by microsecond, with
 * whole numbers of any size, and one call at a time.
 */
import type { Limit } from '../../../../lambdas/traffic/flow/limit';

/** Whether one more call passes at this time; a wait where it has one. Times never go back. */
export interface Model {
  pass(nowUs: number, mostWaitUs: number): { readonly waitUs: number } | undefined;
}

/** All windows begin at multiples of their length. */
export function counterModel({ calls, windowUs }: Limit): Model {
  const passed: number[] = [];
  const windowOf = (atUs: number) => Math.floor(atUs / windowUs);
  return {
    pass(nowUs) {
      if (passed.filter((atUs) => windowOf(atUs) === windowOf(nowUs)).length >= calls) return undefined;
      passed.push(nowUs);
      return { waitUs: 0 };
    },
  };
}

/** A call counts until a window after the end of its hundredth. */
export function slidingWindowModel({ calls, windowUs }: Limit): Model {
  const passed: number[] = [];
  const partUs = Math.ceil(windowUs / 100);
  const leavesUs = (atUs: number) => (Math.floor(atUs / partUs) + 1) * partUs + windowUs;
  return {
    pass(nowUs) {
      if (passed.filter((atUs) => leavesUs(atUs) > nowUs).length >= calls) return undefined;
      passed.push(nowUs);
      return { waitUs: 0 };
    },
  };
}

/** By the curve that bounds it: of all calls since any one of them, no more than `calls` and what has come back since. */
export function tokenBucketModel({ calls, windowUs }: Limit): Model {
  const passed: number[] = [];
  return {
    pass(nowUs) {
      const isOver = passed.some((sinceUs, index) => {
        const together = BigInt(passed.length - index + 1);
        return together * BigInt(windowUs) > BigInt(calls) * (BigInt(windowUs) + BigInt(nowUs - sinceUs));
      });
      if (isOver) return undefined;
      passed.push(nowUs);
      return { waitUs: 0 };
    },
  };
}

/** By turns, in parts of a microsecond of which `calls` make one. */
export function leakyBucketModel({ calls, windowUs }: Limit): Model {
  let nextTurn = 0n;
  return {
    pass(nowUs, mostWaitUs) {
      const now = BigInt(nowUs) * BigInt(calls);
      const turn = nextTurn > now ? nextTurn : now;
      const isFull = turn - now > BigInt(windowUs) * BigInt(calls - 1);
      if (isFull || turn - now > BigInt(mostWaitUs) * BigInt(calls)) return undefined;
      nextTurn = turn + BigInt(windowUs);
      return { waitUs: Number((turn - now + BigInt(calls - 1)) / BigInt(calls)) };
    },
  };
}

/** Microsecond by microsecond, in thirtieths of a token bucket's units. */
export function warmUpModel({ calls, windowUs, warmUpUs }: Limit): Model {
  const part = (cold: bigint) => 30n - 2n * ((cold * 10n + BigInt(warmUpUs) - 1n) / BigInt(warmUpUs));
  const token = 30n * BigInt(windowUs);
  const size = (cold: bigint) => {
    const grown = BigInt(calls) * BigInt(windowUs) * part(cold);
    return grown > token ? grown : token;
  };
  let cold = BigInt(warmUpUs);
  let units = size(cold);
  let atUs: number | undefined;
  return {
    pass(nowUs) {
      for (let us = atUs ?? nowUs; us < nowUs; us += 1) {
        if (units < size(cold)) {
          const filled = units + BigInt(calls) * part(cold);
          units = filled < size(cold) ? filled : size(cold);
          if (cold > 0n) cold -= 1n;
        } else {
          if (cold < BigInt(warmUpUs)) cold += 1n;
          if (units > size(cold)) units = size(cold);
        }
      }
      atUs = nowUs;
      if (units < token) return undefined;
      units -= token;
      return { waitUs: 0 };
    },
  };
}
