import { SottoError } from '../results/errors.js';
import type { CompilerHandle, Handle, MatcherHandle, XGrammarModule } from '../vendor/xgrammar.js';
import { decodeBytes } from './byte-code.js';
import type { Grammar } from './grammar.js';
import type { CompiledGrammar, GrammarEngine, Matcher } from './grammar-engine.js';
import type { Vocabulary } from './vocabulary.js';
import { writeGrammar } from './write-grammar.js';

/**
 * XGrammar (arXiv:2411.15100), in an instance of its own; its script, of about a megabyte, is loaded only here.
 *
 * @throws SottoError 'unsupported-environment' where no WebAssembly may be compiled
 */
export async function makeXGrammar(vocabulary: Vocabulary): Promise<GrammarEngine> {
  const lines: string[] = [];
  try {
    const { createXGrammar } = await import('../vendor/xgrammar.js');
    const module = await createXGrammar({ print: () => {}, printErr: (line) => lines.push(line) });
    return new XGrammar(module, vocabulary, lines);
  } catch (cause) {
    if (cause instanceof SottoError) throw cause;
    const problem = `responseFormat: the grammar engine does not start (${String(cause)})`;
    throw new SottoError('unsupported-environment', problem, { cause });
  }
}

class XGrammar implements GrammarEngine {
  #running: Running | null;

  constructor(module: XGrammarModule, { codes, endTokenId }: Vocabulary, lines: string[]) {
    this.#running = new Running(module, lines);
    this.#running.start(codes, endTokenId);
  }

  async compile(grammar: Grammar): Promise<CompiledGrammar> {
    const running = this.#running;
    if (running === null) throw new SottoError('disposed', 'The grammar engine was disposed');
    return new Compiled(running, running.compile(writeGrammar(grammar)));
  }

  get bytes(): number {
    return this.#running?.bytes ?? 0;
  }

  dispose(): void {
    this.#running = null; // with the instance goes all of its memory
  }
}

/** The instance, until it fails: then nothing in it can be relied upon. */
class Running {
  readonly #module: XGrammarModule;
  readonly #lines: string[];
  #compiler: CompilerHandle | null = null;
  #vocabSize = 0;
  #hasFailed = false;

  constructor(module: XGrammarModule, lines: string[]) {
    this.#module = module;
    this.#lines = lines;
  }

  get bytes(): number {
    return this.#module.HEAPU8.byteLength;
  }

  start(codes: readonly string[], endTokenId: number): void {
    this.#vocabSize = codes.length;
    this.guarded((module) => {
      const vector = module.vecStringFromJSArray(codes);
      const stops = module.vecIntFromJSArray([endTokenId]);
      const info = new module.TokenizerInfo(vector, 'RAW', codes.length, stops, false);
      this.#compiler = new module.GrammarCompiler(info, 1, false);
      for (const handle of [vector, stops, info]) handle.delete();
    });
  }

  compile(ebnf: string): Handle {
    return this.guarded((module) => {
      const grammar = module.Grammar.FromEBNF(ebnf, 'root');
      const compiled = (this.#compiler as CompilerHandle).CompileGrammar(grammar);
      grammar.delete();
      return compiled;
    });
  }

  match(compiled: Handle, endTokenIds: readonly number[]): MatcherHandle {
    return this.guarded((module) => {
      const stops = module.vecIntFromJSArray(endTokenIds);
      const matcher = new module.GrammarMatcher(compiled, stops, false, -1);
      stops.delete();
      return matcher;
    });
  }

  mask(matcher: MatcherHandle): Uint32Array {
    return this.guarded((module) => {
      const vector = matcher.GetNextTokenBitmask(this.#vocabSize);
      const mask = new Uint32Array(module.vecIntToView(vector));
      vector.delete();
      const nUsed = this.#vocabSize & 31;
      if (nUsed !== 0) mask[mask.length - 1] = (mask[mask.length - 1] as number) & ((1 << nUsed) - 1);
      return mask;
    });
  }

  guarded<T>(work: (module: XGrammarModule) => T): T {
    if (!this.#hasFailed) {
      try {
        return work(this.#module);
      } catch (cause) {
        this.#hasFailed = true;
        const said = this.#lines.join(' ').slice(0, 200) || String(cause);
        throw new SottoError('engine-crashed', `responseFormat: the grammar engine stopped: ${said}`, {
          cause,
        });
      }
    }
    throw new SottoError(
      'engine-crashed',
      'responseFormat: the grammar engine stopped before. Load the model again.',
    );
  }
}

class Compiled implements CompiledGrammar {
  readonly #running: Running;
  #handle: Handle | null;

  constructor(running: Running, handle: Handle) {
    this.#running = running;
    this.#handle = handle;
  }

  match(endTokenIds: readonly number[]): Matcher {
    if (this.#handle === null) throw new SottoError('disposed', 'The grammar was disposed');
    return new XGrammarMatcher(this.#running, this.#running.match(this.#handle, endTokenIds));
  }

  dispose(): void {
    this.#handle?.delete(); // matchers hold on to what they need
    this.#handle = null;
  }
}

class XGrammarMatcher implements Matcher {
  readonly #running: Running;
  #handle: MatcherHandle | null;

  constructor(running: Running, handle: MatcherHandle) {
    this.#running = running;
    this.#handle = handle;
  }

  mask(): Uint32Array {
    return this.#running.mask(this.#live);
  }

  nextBytes(): Uint8Array {
    return decodeBytes(this.#running.guarded(() => this.#live.FindJumpForwardString()));
  }

  accept(tokenId: number): boolean {
    return this.#running.guarded(() => this.#live.AcceptToken(tokenId, false));
  }

  get isOver(): boolean {
    return this.#running.guarded(() => this.#live.IsTerminated());
  }

  rollback(nTokens: number): void {
    this.#running.guarded(() => this.#live.Rollback(nTokens));
  }

  dispose(): void {
    this.#handle?.delete();
    this.#handle = null;
  }

  get #live(): MatcherHandle {
    if (this.#handle === null) throw new SottoError('disposed', 'The matcher was disposed');
    return this.#handle;
  }
}
