// docs/entries.md: each entry as its block takes it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { importBlock } from './fragment.mjs';
import { projectFor } from './installed.mjs';
import { hubFiles, hubFor, reachHub } from './models.mjs';
import { testDocument } from './test-document.mjs';

const reach = async (t) => reachHub(t, await hubFor(t, { 'owner/name': { files: hubFiles } }));

/** What a host that compiles nothing at run time makes of the import of a binary. */
const wasmPlugin = {
  name: 'wasm',
  load: {
    filter: { id: /\.wasm$/ },
    handler(id) {
      const base64 = readFileSync(id).toString('base64');
      return {
        code: `export default await WebAssembly.compile(Buffer.from('${base64}', 'base64'));`,
        moduleType: 'js',
      };
    },
  },
};

testDocument('docs/entries.md', {
  'index.ts': async (block, t) => {
    await reach(t);
    const { model } = await importBlock(t, block, ['model']);
    assert.equal(model.info.architecture, 'gpt2');
    await model.dispose();
  },
  'serve.ts': async (block, t) => {
    await reach(t);
    const { loading } = await importBlock(t, block, ['loading']);
    assert.equal((await loading).info.threads, 1);
    await (await loading).dispose();
  },
  'worker.ts': async ({ file, code }, t) => {
    await reach(t);
    const folder = projectFor(t, { [file]: code });
    const build = await rolldown({
      input: join(folder, file),
      plugins: [wasmPlugin],
      resolve: { conditionNames: ['workerd', 'import'] },
    });
    const { output } = await build.generate({ format: 'es' });
    await build.close();
    assert.ok(output[0].moduleIds.some((id) => id.endsWith('/dist/edge.js')));
    writeFileSync(join(folder, 'out.mjs'), output[0].code);
    const { default: worker } = await import(pathToFileURL(join(folder, 'out.mjs')).href);
    assert.ok((await (await worker.fetch()).text()).length > 0);
  },
});
