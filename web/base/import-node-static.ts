import type { NodeModules } from './import-node.js';

/** Gives a module of Node without `import()`. */
export async function importNode<Name extends keyof NodeModules>(name: Name): Promise<NodeModules[Name]> {
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };
  if (getBuiltinModule === undefined)
    throw new Error('process.getBuiltinModule is missing: use Node 20.16, Bun 1.2, Deno 2.1, or later');
  return getBuiltinModule(name) as NodeModules[Name];
}
