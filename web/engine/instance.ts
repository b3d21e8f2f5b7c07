import type { RandomAccess } from '../base/random-access.js';
import { forbiddenWasm } from '../results/environment-errors.js';
import { isSottoErrorCode, SottoError } from '../results/errors.js';
import type { MainModule, Status } from '../wasm/plain.js';
import type { CompiledWasm } from './compile-wasm.js';
import { loadGlue } from './glue.js';
import { HelperError, HelperThreads, helpersNeed } from './helper-threads.js';
import type { ChosenVariant } from './variant.js';

/** More than any heap holds. */
const MOST_BYTES = 2 ** 32 - 1;

/** What every object of the engine has on the JavaScript side of Embind. */
export interface EngineObject {
  delete(): void;
}

/**
 * One instance of the WebAssembly module: the memory of one model. Every call into it goes through here, because a
 * trap leaves it in an unknown state: from then on it refuses to be called.
 */
export class Instance {
  #module: MainModule | null;
  readonly #helpers: HelperThreads;
  readonly #files = new Set<RandomAccess>(); // open for it
  #end: SottoError | null = null; // why it cannot be used any more

  private constructor(module: MainModule, helpers: HelperThreads) {
    this.#module = module;
    this.#helpers = helpers;
    helpers.onFailure(({ message }) => this.#crash(`a helper thread: ${message}`));
  }

  /**
   * @throws SottoError 'out-of-memory', 'bad-file' when the binary is not the one that belongs to the glue,
   * 'unsupported-environment' when a helper thread does not start
   */
  static async create({ variant, threads }: ChosenVariant, wasm: CompiledWasm): Promise<Instance> {
    const createModule = await loadGlue(variant);
    const helpers = new HelperThreads();
    const failed = rejection();
    const create = () =>
      createModule({
        helpers: threads - 1,
        instantiateWasm(imports, receive) {
          instantiate(wasm.module, imports)
            .then((instance) => receive(instance, wasm.module))
            .catch(failed.reject);
          return {}; // says that the exports come later, through `receive`
        },
      });
    try {
      const created = variant.hasThreads ? helpers.create(create) : create();
      const module = (await Promise.race([created, failed.promise])) as MainModule;
      if (variant.hasThreads) module.setThreads(threads);
      return new Instance(module, helpers);
    } catch (cause) {
      helpers.end();
      throw instantiationError(cause);
    }
  }

  get isUsable(): boolean {
    return this.#end === null;
  }

  /** Ends the helper threads, closes its files and lets go of the memory. Idempotent. */
  dispose(): void {
    this.#end ??= new SottoError('disposed', 'this engine was disposed; create another one');
    this.#helpers.end();
    this.#module = null;
    for (const file of this.#files) this.close(file);
  }

  /** Takes a file that is closed with it, if not before. */
  keepOpen(file: RandomAccess): void {
    this.#files.add(file);
  }

  close(file: RandomAccess): void {
    this.#files.delete(file);
    file.close();
  }

  /** @throws SottoError 'engine-crashed', 'disposed' */
  call<T>(use: (module: MainModule) => T): T {
    if (this.#end !== null) throw this.#end;
    try {
      return use(this.#module as MainModule);
    } catch (cause) {
      // Embind throws other errors before it enters the engine, about arguments; these come out of it.
      if (!(cause instanceof WebAssembly.RuntimeError) && !(cause instanceof RangeError)) throw cause;
      throw this.#crash(cause.message, cause);
    }
  }

  /**
   * Sees to it that a call finds so much memory for its lists and strings, and for a few small things besides: those abort
   * the engine where they find none. Calls that make something say how much; what only looks needs no more than is always
   * kept for it.
   *
   * @throws SottoError 'out-of-memory', 'engine-crashed', 'disposed'
   */
  ensureHeadroom(bytes: number, what: string): void {
    if (this.call((module) => module.hasHeadroom(Math.min(bytes, MOST_BYTES)))) return;
    const { bytesInUse } = this.call((module) => module.memoryStats());
    throw new SottoError(
      'out-of-memory',
      `there is no memory for ${what}, which may take ${bytes} bytes, with ${bytesInUse} in use. Dispose of sessions and ` +
        'models you no longer need, load a smaller model, or allow more (memoryLimit).',
    );
  }

  #crash(detail: string, cause?: unknown): SottoError {
    const message = `the engine stopped at a bug (${detail}). Load the model again, and report this, please.`;
    this.#end ??= new SottoError('engine-crashed', message, { cause });
    this.#helpers.end();
    return this.#end;
  }

  /**
   * Makes an object that can only fail for want of memory.
   *
   * @param kind What messages call it.
   * @param bytes What its lists may take.
   * @throws SottoError 'out-of-memory'
   */
  own<T extends EngineObject>(kind: string, make: (module: MainModule) => T, bytes = 0): Handle<T> {
    this.ensureHeadroom(bytes, `a ${kind}`);
    return new Handle(this, this.call(make), kind);
  }

  /** Makes an object that tells by its status whether it could be made. */
  create<T extends EngineObject & { status(): Status }>(
    kind: string,
    make: (module: MainModule) => T,
    bytes = 0,
  ): Handle<T> {
    const handle = this.own(kind, make, bytes);
    try {
      handle.check((object) => object.status());
    } catch (error) {
      handle.dispose();
      throw error;
    }
    return handle;
  }
}

/** An object of the engine, for as long as it is wanted. */
export class Handle<T extends EngineObject> {
  readonly #instance: Instance;
  readonly #kind: string;
  #object: T | null;

  constructor(instance: Instance, object: T, kind: string) {
    this.#instance = instance;
    this.#object = object;
    this.#kind = kind;
  }

  /** @throws SottoError 'disposed', 'engine-crashed' */
  call<R>(use: (object: T) => R): R {
    const object = this.#object;
    if (object === null)
      throw new SottoError('disposed', `this ${this.#kind} was disposed; create another one`);
    return this.#instance.call(() => use(object));
  }

  /** @throws SottoError 'disposed', 'engine-crashed' */
  checkOpen(): void {
    this.call(() => {});
  }

  /** Like `call`, for what returns a status: throws the SottoError that it tells of. */
  check(use: (object: T) => Status): void {
    const status = this.call(use);
    const code = String(status.code);
    if (code === '') return;
    if (isSottoErrorCode(code)) throw new SottoError(code, String(status.message));
    throw new Error(`the engine reports the unknown code ${code}: ${status.message}`);
  }

  /** Frees the object. Idempotent. */
  dispose(): void {
    const object = this.#object;
    this.#object = null;
    // A crashed engine's memory goes as a whole.
    if (object !== null && this.#instance.isUsable) this.#instance.call(() => object.delete());
  }
}

/** A promise that only ever rejects, from outside. */
function rejection(): { promise: Promise<never>; reject: (cause: unknown) => void } {
  let reject: (cause: unknown) => void = () => {};
  const promise = new Promise<never>((_, rejectIt) => {
    reject = rejectIt;
  });
  return { promise, reject };
}

/** A promise whatever happens: runtimes, and what stands in for them, also throw at once. */
async function instantiate(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): Promise<WebAssembly.Instance> {
  return WebAssembly.instantiate(module, imports);
}

function instantiationError(cause: unknown): SottoError {
  if (cause instanceof SottoError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const forbidden = forbiddenWasm(cause);
  if (forbidden !== null) return forbidden;
  if (cause instanceof HelperError) {
    const advice = `${helpersNeed()} The option { threads: 1 } does without.`;
    const message = `a helper thread did not start (${why}). ${advice}`;
    return new SottoError('unsupported-environment', message, { cause });
  }
  if (cause instanceof RangeError) {
    const advice = 'dispose other models or close other tabs';
    const message = `no memory for another WebAssembly instance (${why}); ${advice}`;
    return new SottoError('out-of-memory', message, { cause });
  }
  if (cause instanceof WebAssembly.LinkError || cause instanceof TypeError) {
    const message =
      'the WebAssembly binary is not the one of this version of sotto; serve both from the same package';
    return new SottoError('bad-file', `${message} (${why})`, { cause });
  }
  return new SottoError('engine-crashed', `the engine did not start (${why}). Report this, please.`, {
    cause,
  });
}
