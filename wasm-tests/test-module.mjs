// The engine with the hooks of src/bindings/test_hooks.cc.
import { readFile } from 'node:fs/promises';

const folder = new URL('../build/test/', import.meta.url);

/** A new instance of the test module, with memory of its own. */
export async function createTestModule() {
  const { default: createModule } = await import(new URL('simd-test.js', folder));
  const bytes = await readFile(new URL('simd-test.wasm', folder));
  return createModule({
    instantiateWasm(imports, receive) {
      WebAssembly.instantiate(bytes, imports).then(({ instance }) => receive(instance));
      return {}; // says that the exports come later, through `receive`
    },
  });
}
