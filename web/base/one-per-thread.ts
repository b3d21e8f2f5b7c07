/**
 * Something of which a thread has one, whichever copies of a module ask for it: the package's scripts bring their own.
 *
 * @param name What it is; another one for what is not the same any more.
 */
export function onePerThread<T>(name: string, make: () => T): T {
  const key = Symbol.for(`sotto.${name}`);
  const scope = globalThis as unknown as Record<symbol, unknown>;
  scope[key] ??= make();
  return scope[key] as T;
}
