import type { GenerationResult, Piece, Timings } from '../generation-result.js';
import type { LoadProgress, MemoryStats, ModelInfo } from '../model-info.js';
import type { LoadOptions, ResolvedGenerateOptions } from '../options.js';
import type { LoadSource } from './lent-files.js';
import type { WireError } from './wire-error.js';

/** What the page can ask of the worker, which holds at most one model: parameters, events on the way, result. */
export interface Calls {
  load: { params: LoadParams; event: LoadProgress; result: ModelInfo };
  generate: { params: GenerateParams; event: Piece; result: WorkerGenerationResult };
  encode: { params: { text: string }; event: never; result: number[] };
  decode: { params: { tokenIds: Int32Array }; event: never; result: string };
  memory: { params: Record<never, never>; event: never; result: MemoryStats };
}

export type CallType = keyof Calls;

/**
 * From the page, in which ids are unique. `abort` names the call to end. `drop` names a load: whatever runs on its model
 * ends, the model's memory is free, and the worker can load another one; it does nothing to the model of another load.
 */
export type Request =
  | { [Type in CallType]: { type: Type; id: number; params: Calls[Type]['params'] } }[CallType]
  | { type: 'abort'; id: number }
  | { type: 'drop'; id: number };

/** From the worker: events of a call in order, then its one end. */
export type Response =
  | { type: 'event'; id: number; event: Calls[CallType]['event'] }
  | { type: 'result'; id: number; result: Calls[CallType]['result'] }
  | { type: 'failed'; id: number; error: WireError };

/** The options of loading that concern the worker. */
export type LoadParams = Pick<LoadOptions, 'weights' | 'threads' | 'variant' | 'wasm' | 'memoryLimit'> & {
  source: LoadSource;
};

export interface GenerateParams {
  prompt: string | Int32Array;
  options: ResolvedGenerateOptions;
}

/** A result without what only the page can tell. */
export type WorkerGenerationResult = Omit<GenerationResult, 'timings'> & {
  timings: Omit<Timings, 'queueMs'>;
};

/** The page's or the worker's end of the line. */
export type Port = Pick<MessagePort, 'postMessage' | 'onmessage'>;
