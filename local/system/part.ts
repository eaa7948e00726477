import type { EngineDefinition, EngineKind } from '../engines';

/** Something that runs as one process: an engine, the front, or a process of functions. */
export interface Part extends Omit<EngineDefinition, 'kind' | 'stopGraceMs'> {
  readonly kind: EngineKind | 'functions' | 'front';
  /** Comes back by itself, as an execution environment does; an engine stays dead until someone restarts it. */
  readonly revives: boolean;
  /** How long it may take to end in order, before it is killed. */
  readonly stopGraceMs: number;
}

const ENGINE_STOP_GRACE_MS = 20_000;

export function enginePart(definition: EngineDefinition): Part {
  return { ...definition, revives: false, stopGraceMs: definition.stopGraceMs ?? ENGINE_STOP_GRACE_MS };
}
