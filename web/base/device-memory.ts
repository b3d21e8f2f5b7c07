import { importNode, isNode } from './environment.js';

const GIB = 2 ** 30;

/** The memory of the device in bytes, where the runtime tells: in browsers about, and in few of them. */
export async function deviceMemory(): Promise<number | null> {
  if (isNode) return (await importNode('node:os')).totalmem();
  const { deviceMemory } = (globalThis.navigator ?? {}) as { deviceMemory?: unknown };
  return typeof deviceMemory === 'number' && deviceMemory > 0 ? deviceMemory * GIB : null;
}
