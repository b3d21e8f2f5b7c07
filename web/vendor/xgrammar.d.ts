// What sotto uses of @mlc-ai/web-xgrammar: the instance of its WebAssembly, as embind shows it. The build takes its factory out and
// puts it here as xgrammar.js. Whatever fails in C++ is thrown as a number; memory is freed by `delete` alone.

export interface Handle {
  delete(): void;
}

export interface MatcherHandle extends Handle {
  AcceptToken(tokenId: number, verbose: boolean): boolean;
  GetNextTokenBitmask(vocabSize: number): Handle;
  FindJumpForwardString(): string;
  IsTerminated(): boolean;
  Rollback(nTokens: number): void;
}

export interface CompilerHandle extends Handle {
  CompileGrammar(grammar: Handle): Handle;
  /** @param tag A structural tag, as JSON. */
  CompileStructuralTag(tag: string): Handle;
}

export interface XGrammarModule {
  readonly HEAPU8: Uint8Array;
  vecStringFromJSArray(strings: readonly string[]): Handle;
  vecIntFromJSArray(numbers: readonly number[]): Handle;
  /** Memory of the instance, valid until it changes. */
  vecIntToView(vector: Handle): Int32Array;
  TokenizerInfo: new (
    vocabulary: Handle,
    vocabularyType: 'RAW' | 'BYTE_LEVEL',
    vocabSize: number,
    stopTokenIds: Handle,
    prependsSpace: boolean,
  ) => Handle;
  Grammar: { FromEBNF(ebnf: string, rootRule: string): Handle };
  GrammarCompiler: new (tokenizerInfo: Handle, threads: number, isCached: boolean) => CompilerHandle;
  GrammarMatcher: new (
    compiled: Handle,
    stopTokenIds: Handle,
    endsWithoutStopToken: boolean,
    mostRollback: number,
  ) => MatcherHandle;
}

/** @throws CompileError where no WebAssembly may be compiled */
export function createXGrammar(options: {
  print(line: string): void;
  printErr(line: string): void;
}): Promise<XGrammarModule>;
