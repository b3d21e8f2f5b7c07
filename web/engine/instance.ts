import { isSottoErrorCode, SottoError } from '../errors.js';
import type { MainModule, Status } from '../wasm/simd.js';
import type { CompiledWasm, Variant } from './variant.js';

/** What every object of the engine has on the JavaScript side of Embind. */
interface EngineObject {
  delete(): void;
}

/**
 * One instance of the WebAssembly module: the memory of one model. Every call into it goes through here, because a
 * trap leaves it in an unknown state: from then on it refuses to be called.
 */
export class Instance {
  readonly #module: MainModule;
  #crash: SottoError | null = null;

  private constructor(module: MainModule) {
    this.#module = module;
  }

  /** @throws SottoError 'out-of-memory', 'bad-file' when the binary is not the one that belongs to the glue. */
  static async create(variant: Variant, wasm: CompiledWasm): Promise<Instance> {
    const module = await new Promise<MainModule>((resolve, reject) => {
      const instantiateWasm = (
        imports: WebAssembly.Imports,
        receive: (instance: WebAssembly.Instance) => void,
      ) => {
        WebAssembly.instantiate(wasm.module, imports).then(receive).catch(reject);
        return {}; // says that the exports come later, through `receive`
      };
      variant.createModule({ instantiateWasm }).then(resolve, reject);
    }).catch((cause: unknown) => {
      throw instantiationError(cause);
    });
    return new Instance(module);
  }

  get isUsable(): boolean {
    return this.#crash === null;
  }

  /** @throws SottoError 'engine-crashed' */
  call<T>(use: (module: MainModule) => T): T {
    if (this.#crash !== null) throw this.#crash;
    try {
      return use(this.#module);
    } catch (cause) {
      // Embind throws other errors before it enters the engine, about arguments; these come out of it.
      if (!(cause instanceof WebAssembly.RuntimeError) && !(cause instanceof RangeError)) throw cause;
      const message = `the engine stopped at a bug (${cause.message}). Load the model again, and report this, please.`;
      this.#crash = new SottoError('engine-crashed', message, { cause });
      throw this.#crash;
    }
  }

  /** Makes an object that cannot fail to be made. `kind` is what messages call it. */
  own<T extends EngineObject>(kind: string, make: (module: MainModule) => T): Handle<T> {
    return new Handle(this, this.call(make), kind);
  }

  /** Makes an object that tells by its status whether it could be made. */
  create<T extends EngineObject & { status(): Status }>(
    kind: string,
    make: (module: MainModule) => T,
  ): Handle<T> {
    const handle = this.own(kind, make);
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

function instantiationError(cause: unknown): unknown {
  if (cause instanceof RangeError) {
    const advice = 'dispose other models or close other tabs';
    return new SottoError(
      'out-of-memory',
      `no memory for another WebAssembly instance (${cause.message}); ${advice}`,
      {
        cause,
      },
    );
  }
  if (!(cause instanceof WebAssembly.LinkError) && !(cause instanceof TypeError)) return cause;
  const message =
    'the WebAssembly binary is not the one of this version of sotto; serve both from the same package';
  return new SottoError('bad-file', `${message} (${cause.message})`, { cause });
}
