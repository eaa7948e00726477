/** The part of a .cpuprofile that is read here (Chrome DevTools Protocol, `Profiler.Profile`). */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Ids of nodes, one for each sample. */
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
}

/** Where a function stands in the sources. */
export interface SourcePlace {
  /** From the root of the repository. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export type Locate = (frame: CallFrame) => SourcePlace | undefined;

export interface SelfTime {
  readonly name: string;
  readonly us: number;
  /** Of all time in which the process did something. */
  readonly share: number;
}

export interface SelfTimes {
  readonly busyUs: number;
  readonly groups: readonly SelfTime[];
  readonly frames: readonly SelfTime[];
}

const IDLE = new Set(['(idle)', '(program)', '(root)']);

/** Time spent in each function itself, without what it called, by function and by the room or package it belongs to. */
export function selfTimes(profile: CpuProfile, locate: Locate): SelfTimes {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const groups = new Map<string, number>();
  const frames = new Map<string, number>();
  let busyUs = 0;
  profile.samples.forEach((id, index) => {
    const frame = nodes.get(id);
    const us = profile.timeDeltas[index] ?? 0;
    if (frame === undefined || IDLE.has(frame.functionName)) return;
    busyUs += us;
    const place = locate(frame);
    add(groups, groupOf(frame, place), us);
    add(frames, nameOf(frame, place), us);
  });
  return { busyUs, groups: sorted(groups, busyUs), frames: sorted(frames, busyUs) };
}

/** A room of ours, a package, Node itself, or what the engine does by itself. */
export function groupOf(frame: CallFrame, place: SourcePlace | undefined): string {
  if (place !== undefined) return groupOfFile(place.file);
  if (frame.url.startsWith('node:')) return 'node';
  if (frame.functionName === '(garbage collector)') return 'garbage collector';
  return frame.url === '' ? 'native' : groupOfFile(frame.url);
}

function groupOfFile(file: string): string {
  const modules = file.lastIndexOf('node_modules/');
  if (modules !== -1) {
    const [scope = '', name = ''] = file.slice(modules + 'node_modules/'.length).split('/');
    return scope.startsWith('@') ? `${scope}/${name}` : scope;
  }
  const room = /(?:^|\/)(lambdas|local|topology|bench)\/([^/]+)\//.exec(file);
  return room === null ? 'other' : `${room[1]}/${room[2]}`;
}

function nameOf({ functionName, url, lineNumber }: CallFrame, place: SourcePlace | undefined): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (place !== undefined) return `${place.file}:${place.line}`;
  return url === '' ? name : `${name} ${url.slice(url.lastIndexOf('/') + 1)}:${lineNumber + 1}`;
}

function add(sums: Map<string, number>, name: string, us: number): void {
  sums.set(name, (sums.get(name) ?? 0) + us);
}

function sorted(sums: ReadonlyMap<string, number>, busyUs: number): SelfTime[] {
  return [...sums].map(([name, us]) => ({ name, us, share: us / busyUs })).sort((one, other) => other.us - one.us);
}
