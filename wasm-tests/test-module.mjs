// The engine with the hooks of src/bindings/test_hooks.cc.
import './relaxed-simd.mjs';
import { readFile } from 'node:fs/promises';
import { HelperThreads } from '../build/web/engine/helper-threads.js';
import { chooseVariant } from '../build/web/engine/variant.js';

const folder = new URL('../build/test/', import.meta.url);

/**
 * A new instance of the test module, with memory of its own, in the best variant that works here with so many threads.
 * One with more than one thread is ended by `endThreads()`.
 */
export async function createTestModule({ variant: wanted, threads = 1 } = {}) {
  const { variant } = await chooseVariant(wanted, threads);
  const { default: createModule } = await import(new URL(`${variant.name}-test.js`, folder));
  const wasm = await WebAssembly.compile(await readFile(new URL(`${variant.name}-test.wasm`, folder)));
  const helpers = new HelperThreads();
  const create = () =>
    createModule({
      helpers: threads - 1,
      instantiateWasm(imports, receive) {
        WebAssembly.instantiate(wasm, imports).then((instance) => receive(instance, wasm));
        return {}; // says that the exports come later, through `receive`
      },
    });
  if (!variant.hasThreads) return create();
  const module = await helpers.create(create);
  module.setThreads(threads);
  return Object.assign(module, { endThreads: () => helpers.end() });
}
