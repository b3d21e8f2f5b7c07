import type { DecoderConfig } from '../architectures/decoder-config.js';
import type { TokenLogProbability } from '../results/generation-result.js';
import type { KeysValues, TapName, Taps } from '../results/session-values.js';
import type { BatchChoice, BatchInput, SessionFacts } from './batch.js';
import type { Engine, EngineSamplerOptions } from './engine.js';
import type { EngineModel } from './model.js';
import type { BeamMove, BeamSearchOptions, ChangeLogits, ContrastiveSearchOptions } from './search.js';

/** One sequence of tokens with what the model has of them, wherever that is: see `EngineSession`. */
export interface BackendSession {
  readonly facts: SessionFacts;
  readonly length: number;
  /** What it takes in memory, in bytes. */
  readonly kvBytes: number;
  tokens(): Int32Array<ArrayBuffer>;
  logits(): Float32Array;
  logProbabilities(
    tokenId: number,
    options?: { alternatives?: number; row?: number },
  ): { logprob: number; alternatives: TokenLogProbability[] };
  keepLastLogits(): void;
  rewind(length: number): number;
  fork(): BackendSession;
  readKv(layer: number): KeysValues;
  tap(names: readonly TapName[]): void;
  taps(): Taps;
  save(): Uint8Array<ArrayBuffer>;
  dispose(): void;
}

/** Chooses the tokens of one sequence: see `EngineSampler`. */
export interface BackendSampler {
  readonly number: number;
  begin(promptIds: ArrayLike<number>): void;
  mask(words: Uint32Array): void;
  accept(tokenId: number): void;
  process(session: BackendSession, row?: number): Float32Array;
  choose(): number;
  dispose(): void;
}

/** See `EngineBeamSearch`. */
export interface BackendBeamSearch {
  readonly isDone: boolean;
  readonly bestParent: number | null;
  advance(
    sessions: readonly BackendSession[],
    change?: ChangeLogits,
    masks?: readonly (Uint32Array | null)[],
  ): BeamMove[];
  tokens(beam: number): number[];
  finish(): { tokenIds: number[]; score: number }[];
  dispose(): void;
}

/** See `EngineContrastiveSearch`. */
export interface BackendContrastiveSearch {
  begin(ids: ArrayLike<number>): void;
  addContext(session: BackendSession): void;
  candidates(
    session: BackendSession,
    change?: (logits: Float32Array) => void,
    mask?: Uint32Array | null,
  ): number[];
  choose(sessions: readonly BackendSession[]): number;
  dispose(): void;
}

/**
 * What a generation runs on. The engine in this thread is one; a model that is split over several memories, or runs on
 * another device, can be another, as a pass need not have ended when the call has.
 */
export interface Backend {
  readonly config: Readonly<DecoderConfig>;
  /** The most tokens of a pass. */
  readonly maxChunk: number;
  createSession(): BackendSession;
  restoreSession(bytes: ArrayBuffer | ArrayBufferView): BackendSession;
  /** Runs tokens of several sessions through the model; each has its logits when this resolves. */
  pass(inputs: readonly (BatchInput & { session: BackendSession })[]): Promise<void>;
  /** Chooses a token for each, by the logits of its session. */
  sample(choices: readonly (BatchChoice & { session: BackendSession })[]): number[];
  createSampler(options: Partial<EngineSamplerOptions>): BackendSampler;
  createBeamSearch(
    beams: BeamSearchOptions,
    options: Partial<EngineSamplerOptions>,
    promptIds: ArrayLike<number>,
  ): BackendBeamSearch;
  createContrastiveSearch(
    search: ContrastiveSearchOptions,
    options: Partial<EngineSamplerOptions>,
  ): BackendContrastiveSearch;
}

/** The engine in this thread, with one of its models. */
export function engineBackend(engine: Engine, model: EngineModel): Backend {
  return {
    config: model.config,
    maxChunk: engine.maxChunk,
    createSession: model.createSession.bind(model),
    restoreSession: model.restoreSession.bind(model),
    pass: engine.batch.pass.bind(engine.batch),
    sample: engine.batch.sample.bind(engine.batch),
    createSampler: engine.createSampler.bind(engine),
    createBeamSearch: engine.createBeamSearch.bind(engine),
    createContrastiveSearch: engine.createContrastiveSearch.bind(engine),
  };
}
