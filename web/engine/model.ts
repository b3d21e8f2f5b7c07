import type { DecoderConfig } from '../architectures/decoder-config.js';
import type { TensorRequest } from '../architectures/placement.js';
import type { RandomAccess } from '../base/random-access.js';
import type { DotForm, KeptWeightType, WeightType } from '../options/engine-options.js';
import { badOption, boolean, type Checks, checkOptions, integer } from '../options/option-checks.js';
import { readList } from '../options/token-ids.js';
import { SottoError } from '../results/errors.js';
import type { Model } from '../wasm/plain.js';
import type { EngineBatch } from './batch.js';
import { fastestDotForm, warmUpDotForms } from './dot-form.js';
import type { Handle, Instance } from './instance.js';
import { EngineSession, type SessionContext } from './session.js';
import { restoreSession } from './session-bytes.js';
import { checkInput, type SessionInput } from './session-input.js';
import type { KvPages } from './session-views.js';
import { checkRequest, requestBytes, toRequestValue } from './tensor-request.js';

/** Takes the bytes of one tensor of a file, in order. One tensor of a model is written at a time. */
export interface TensorWriter {
  /**
   * Takes a chunk of any size; it is copied before this returns.
   *
   * @throws SottoError 'bad-tensor' when these are more bytes than the shape holds or the writer is closed, 'bad-file' for
   * weights that are no numbers, 'out-of-memory', 'bad-option'
   */
  write(bytes: Uint8Array): void;
  /** @throws SottoError 'bad-tensor' when bytes are missing */
  end(): void;
}

const inputChecks: Checks<SessionInput> = {
  session: (value) => value as EngineSession,
  ids: (value) => value as ArrayLike<number>,
  allLogits: boolean,
  nToCome: integer(0, Number.MAX_SAFE_INTEGER),
};

/** A model's weights in the engine's memory. Made by `Engine.createModel`. */
export class EngineModel {
  readonly config: Readonly<DecoderConfig>;
  /** How it keeps the weights that come as elements. */
  readonly weights: WeightType;
  /** By type of quantised weights, the form of the dot product that was chosen by `finish()`; see {@link DotForm}. */
  readonly dotForms: Partial<Record<KeptWeightType, DotForm>> = {};
  readonly #instance: Instance;
  readonly #handle: Handle<Model>;
  readonly #formsToTry: readonly DotForm[]; // none without relaxed SIMD
  readonly #quantizedTypes = new Set<KeptWeightType>(); // of the tensors so far
  readonly #context: SessionContext;
  readonly #outside: RandomAccess[] = []; // files that tensors stay in
  #writing: string | null = null; // the tensor that a writer is open for
  #isFinished = false;

  /** @internal */
  constructor(
    instance: Instance,
    handle: Handle<Model>,
    {
      config,
      weights,
      dotForms,
    }: { config: DecoderConfig; weights: WeightType; dotForms: readonly DotForm[] },
    { maxChunk, batch }: { maxChunk: number; batch: EngineBatch },
  ) {
    this.#instance = instance;
    this.#handle = handle;
    this.config = config;
    this.weights = weights;
    this.#formsToTry = dotForms;
    this.#context = {
      config,
      pages: {
        type: handle.call((model) => model.kvType()) as KvPages['type'],
        pagePositions: instance.call((module) => module.pagePositions()),
      },
      listBytes: (length) => handle.call((model) => model.listBytes(length)),
      maxChunk,
      batch,
      sessions: new Set(),
    };
  }

  /** What the weights that have arrived take, in bytes. */
  get weightBytes(): number {
    return this.#handle.call((model) => model.weightBytes());
  }

  /** By type of weights, the bytes of the matrices that are kept so. Norms, biases and tables of positions are not among them. */
  get weightTypes(): Partial<Record<KeptWeightType, number>> {
    const bytesOf = (type: KeptWeightType) => this.#handle.call((model) => model.weightBytesOf(type));
    const types = (['f32', ...this.#quantizedTypes] as const).map((type) => [type, bytesOf(type)] as const);
    return Object.fromEntries(types.filter(([, bytes]) => bytes > 0));
  }

  /** How sessions keep keys and values. */
  get kvType(): KvPages['type'] {
    return this.#context.pages.type;
  }

  /**
   * The most that a session of so many tokens takes, in bytes, before there is one: keys and values, recurrent state, and
   * what it keeps to go back to. Logits are not in it: a row of them takes 4 bytes for each token of the vocabulary.
   *
   * @throws SottoError 'bad-option' when the context does not hold so many
   */
  sequenceBytes(nTokens: number): number {
    integer(0, this.config.contextLength)(nTokens, 'nTokens');
    return this.#handle.call((model) => model.sequenceBytes(nTokens));
  }

  /**
   * Announces a tensor, whose bytes then go through the writer. Tensors may come in any order.
   *
   * @throws SottoError 'bad-tensor' when the model has none of this name, shape or type, or has it already;
   * 'out-of-memory', 'unknown-option', 'bad-option'
   */
  beginTensor(request: TensorRequest): TensorWriter {
    this.#checkLoading();
    return this.#beginChecked(checkRequest(request, 'beginTensor'));
  }

  #beginChecked(request: TensorRequest): TensorWriter {
    this.#instance.ensureHeadroom(requestBytes(request), 'a tensor');
    this.#handle.check((model) => model.beginTensor(toRequestValue(request)));
    this.#writing = request.name;
    this.#expectProducts(this.#handle.call((model) => model.partType()) as KeptWeightType);
    let filled = 0; // bytes in the engine's staging area
    const flush = () => {
      const count = filled;
      filled = 0;
      try {
        this.#handle.check((model) => model.writeChunk(count));
      } catch (error) {
        this.#writing = null; // the engine has given this tensor up
        throw error;
      }
    };
    const checkIsOpen = () => {
      if (this.#writing === request.name) return;
      throw new SottoError('bad-tensor', `tensor ${request.name} is not being written any more`);
    };
    return {
      write: (bytes) => {
        checkIsOpen();
        if (!(bytes instanceof Uint8Array)) throw badOption('bytes', bytes, 'a Uint8Array');
        for (let taken = 0; taken < bytes.byteLength; ) {
          // Fetched anew each time: when the heap grows, older views of it are empty.
          const staging = this.#handle.call((model) => model.staging());
          const count = Math.min(staging.byteLength - filled, bytes.byteLength - taken);
          staging.set(bytes.subarray(taken, taken + count), filled);
          taken += count;
          filled += count;
          if (filled === staging.byteLength) flush();
        }
      },
      end: () => {
        checkIsOpen();
        if (filled > 0) flush();
        this.#writing = null;
        this.#handle.check((model) => model.endTensor());
      },
    };
  }

  /**
   * Leaves a tensor where it is: its rows are read one by one, when tokens want them. Only of one that nothing else is done
   * with, `per_layer_inputs.embedding.weight`. It is closed with the model.
   *
   * @param rows `read` gives the tensor's bytes from an offset on, at once; its errors become those of passes.
   * @throws SottoError as `beginTensor`; 'bad-tensor' for another tensor
   */
  keepOutside(request: TensorRequest, rows: RandomAccess): void {
    this.#checkLoading();
    const checked = checkRequest(request, 'keepOutside');
    this.#instance.ensureHeadroom(requestBytes(checked), 'a tensor');
    /** What is wrong, or nothing: errors must not pass through the engine. */
    const readRow = (row: number, into: Uint8Array) => {
      try {
        rows.read(row * into.byteLength, into);
        return '';
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    };
    this.#handle.check((model) => model.keepOutside(toRequestValue(checked), readRow));
    this.#outside.push(rows);
    this.#instance.keepOpen(rows);
  }

  /**
   * Says that all tensors are there: from now on sessions can be created.
   *
   * @throws SottoError 'missing-tensor', naming the first one that is; 'out-of-memory'
   */
  finish(): void {
    this.#checkLoading();
    this.#handle.check((model) => model.finish());
    this.#chooseDotForms();
    this.#isFinished = true;
  }

  /** Early, so that the runtime's compiler is done when all weights are there. */
  #expectProducts(type: KeptWeightType): void {
    if (type === 'f32' || this.#quantizedTypes.has(type)) return;
    this.#quantizedTypes.add(type);
    if (this.#formsToTry.length > 1) warmUpDotForms(this.#instance, type, this.#formsToTry);
  }

  #chooseDotForms(): void {
    const forms = this.#formsToTry;
    for (const type of this.#quantizedTypes) {
      const form = forms.length > 1 ? fastestDotForm(this.#instance, type, forms) : forms[0];
      if (form === undefined) continue;
      this.#instance.call((module) => module.setDotForm(type, form));
      this.dotForms[type] = form;
    }
  }

  /** @throws SottoError 'missing-tensor' before `finish()`, 'out-of-memory' */
  createSession(): EngineSession {
    this.#checkFinished();
    const handle = this.#handle.call((model) =>
      this.#instance.create('session', (module) => new module.Session(model), this.#context.listBytes(0)),
    );
    return new EngineSession(this.#instance, handle, this.#context);
  }

  /**
   * A session out of the bytes that `EngineSession.save()` gave: it continues with the same logits, to the last bit.
   *
   * @throws SottoError 'bad-session' for bytes of another model, other weights or another version, cut or changed ones;
   * 'missing-tensor' before `finish()`, 'out-of-memory', 'bad-option'
   */
  restoreSession(bytes: ArrayBuffer | ArrayBufferView): EngineSession {
    this.#checkFinished();
    return new EngineSession(
      this.#instance,
      restoreSession(this.#instance, this.#handle, bytes, this.#context.listBytes(this.config.contextLength)),
      this.#context,
    );
  }

  /**
   * Appends to several sessions in one pass, which reads the weights once. Each has its own logits then, with the same
   * bits as alone. On an error all sequences are what they were.
   *
   * @param given Of sessions of this model, each once; at most `Engine.maxChunk` tokens together.
   * @throws SottoError as `EngineSession.append`
   */
  appendAll(given: readonly SessionInput[]): void {
    const { sessions, maxChunk, batch } = this.#context;
    const inputs = checkInputs(given);
    const nTokens = inputs.reduce((sum, { ids }) => sum + ids.length, 0);
    const areOurs = inputs.every(({ session }) => sessions.has(session));
    if (!areOurs || new Set(inputs.map(({ session }) => session)).size < inputs.length) {
      throw new SottoError(
        'bad-option',
        'appendAll takes sessions of this model, each once, not disposed ones',
      );
    }
    if (nTokens > maxChunk) {
      const problem = `${nTokens} tokens are too many for one pass: append at most ${maxChunk}`;
      throw new SottoError('bad-option', problem);
    }
    if (inputs.length === 0) return;
    const most = this.config.contextLength; // more to come than that changes nothing
    const checked = inputs.map((input) => ({
      ...input,
      ids: checkInput(input.ids, { ...this.#context, length: input.session.length, isOneChunk: true }),
      nToCome: Math.min(input.nToCome, most),
    }));
    batch.run(checked);
  }

  /** Frees the weights, and all sessions with them. Idempotent. */
  dispose(): void {
    for (const session of this.#context.sessions) session.dispose();
    this.#handle.dispose();
    for (const rows of this.#outside.splice(0)) this.#instance.close(rows);
  }

  #checkFinished(): void {
    if (this.#isFinished) return;
    throw new SottoError('missing-tensor', 'the model has no weights yet: write them, then call finish()');
  }

  #checkLoading(): void {
    if (this.#isFinished)
      throw new SottoError('bad-tensor', 'the model is finished and takes no more tensors');
    if (this.#writing !== null) {
      throw new SottoError('bad-tensor', `tensor ${this.#writing} is still being written: end it first`);
    }
  }
}

function checkInputs(given: unknown): Required<SessionInput>[] {
  return readList(given, 'appendAll', 'an array of { session, ids }').map((input) => {
    const { session, ids, allLogits = false, nToCome = 0 } = checkOptions(input, inputChecks, 'appendAll');
    const list = readList(ids, 'ids', 'a list of token ids') as number[]; // the session checks them
    return { session: session as EngineSession, ids: list, allLogits, nToCome };
  });
}
