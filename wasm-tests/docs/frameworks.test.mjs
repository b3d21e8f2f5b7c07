// The guides of frameworks: their files as they stand there, bundled, and used in Chromium.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { rolldown } from 'rolldown';
import { launchBrowser } from '../browser/browser.mjs';
import { testAssistant } from './assistant.mjs';
import { sveltePlugin, vuePlugin } from './components.mjs';
import { importBlock } from './fragment.mjs';
import { linkPackages, projectFor } from './installed.mjs';
import { testDocument } from './test-document.mjs';

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

/** The script of an app that a document's files and a main of ours make; `sotto` is left to the page. */
async function bundle(t, blocks, { main, packages, plugins = [] }) {
  const files = Object.fromEntries(Object.values(blocks).map(({ file, code }) => [file, code]));
  const folder = projectFor(t, { ...files, 'main.tsx': main });
  linkPackages(folder, packages);
  const build = await rolldown({
    input: join(folder, 'main.tsx'),
    external: ['sotto'],
    platform: 'browser',
    plugins,
    resolve: { extensions: ['.tsx', '.ts', '.js', '.svelte.ts'], conditionNames: ['browser', 'import'] },
    transform: {
      define: {
        'process.env.NODE_ENV': '"development"', // which has React's StrictMode mount twice
        __VUE_OPTIONS_API__: 'true',
        __VUE_PROD_DEVTOOLS__: 'false',
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
      },
    },
  });
  const { output } = await build.generate({ format: 'es' });
  await build.close();
  return output[0].code;
}

testDocument('docs/react.md', {
  'use-model.tsx + assistant.tsx': async (blocks, t) => {
    const main = `
      import { StrictMode } from 'react';
      import { createRoot } from 'react-dom/client';
      import { Assistant } from './assistant';
      const page = createRoot(document.querySelector('main'));
      globalThis.show = (isShown) => page.render(isShown ? <StrictMode><Assistant /></StrictMode> : null);
      show(true);
    `;
    const packages = { react: 'react', 'react-dom': 'react-dom', scheduler: 'scheduler' };
    await testAssistant(t, browser, await bundle(t, blocks, { main, packages }), { begun: 2 });
  },
});

testDocument('docs/guides/vue.md', {
  'use-model.ts + assistant.vue': async (blocks, t) => {
    const main = `
      import { createApp, h, ref } from 'vue';
      import Assistant from './assistant.vue';
      const isShown = ref(true);
      globalThis.show = (value) => { isShown.value = value; };
      createApp({ render: () => (isShown.value ? h(Assistant) : null) }).mount('main');
    `;
    const packages = { vue: 'vue', '@vue': '@vue' };
    const code = await bundle(t, blocks, { main, packages, plugins: [vuePlugin] });
    await testAssistant(t, browser, code, { begun: 1 });
  },
});

testDocument('docs/guides/svelte.md', {
  'use-model.svelte.ts + assistant.svelte': async (blocks, t) => {
    const main = `
      import { mount, unmount } from 'svelte';
      import Assistant from './assistant.svelte';
      let shown;
      globalThis.show = (isShown) => {
        if (isShown) shown = mount(Assistant, { target: document.querySelector('main') });
        else unmount(shown);
      };
      show(true);
    `;
    const packages = { svelte: 'svelte', 'esm-env': 'esm-env', clsx: 'clsx' };
    const code = await bundle(t, blocks, { main, packages, plugins: [sveltePlugin] });
    await testAssistant(t, browser, code, { begun: 1 });
  },
  'hooks.server.ts': async (block, t) => {
    const { handle } = await importBlock(t, block);
    const response = await handle({ event: {}, resolve: async () => new Response('a page') });
    assert.equal(await response.text(), 'a page');
    assert.deepEqual(Object.fromEntries(response.headers), {
      'content-type': 'text/plain;charset=UTF-8',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-opener-policy': 'same-origin',
    });
  },
});
