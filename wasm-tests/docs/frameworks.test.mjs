// The guides of frameworks: their files as they stand there, bundled, and used in Chromium.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { LanguageModel } from 'sotto';
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

/** Bundles a main of ours with a document's files. */
async function rollUp(t, blocks, { main, packages, plugins = [], ...options }) {
  const files = Object.fromEntries(Object.values(blocks).map(({ file, code }) => [file, code]));
  const folder = projectFor(t, { ...files, 'main.tsx': main });
  linkPackages(folder, packages);
  const build = await rolldown({
    input: join(folder, 'main.tsx'),
    plugins,
    resolve: { extensions: ['.tsx', '.ts', '.js', '.svelte.ts'] },
    ...options,
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
  return { folder, code: output[0].code };
}

/** The script of an app, which leaves `sotto` to the page. */
const bundle = async (t, blocks, app) =>
  (await rollUp(t, blocks, { ...app, external: ['sotto'], platform: 'browser' })).code;

/** What a server makes of the component: `main` has `html`. Nothing is loaded there. */
async function assertRendersOnServer(t, blocks, app) {
  const { folder, code } = await rollUp(t, blocks, { ...app, external: /^[\w@]/, platform: 'node' });
  writeFileSync(join(folder, 'server.mjs'), code);
  const load = t.mock.method(LanguageModel, 'load', async () => assert.fail('a model is loaded'));
  const { html } = await import(pathToFileURL(join(folder, 'server.mjs')).href);
  assert.match(html, /<progress value="0"/);
  assert.equal(load.mock.callCount(), 0);
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
    const server = `
      import { renderToString } from 'react-dom/server';
      import { Assistant } from './assistant';
      export const html = renderToString(<Assistant />);
    `;
    await assertRendersOnServer(t, blocks, { main: server, packages });
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
    const plugins = [vuePlugin];
    await testAssistant(t, browser, await bundle(t, blocks, { main, packages, plugins }), { begun: 1 });
    const server = `
      import { createSSRApp } from 'vue';
      import { renderToString } from 'vue/server-renderer';
      import Assistant from './assistant.vue';
      export const html = await renderToString(createSSRApp(Assistant));
    `;
    await assertRendersOnServer(t, blocks, { main: server, packages, plugins });
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
    const app = { main, packages, plugins: [sveltePlugin('client')] };
    await testAssistant(t, browser, await bundle(t, blocks, app), { begun: 1 });
    const server = `
      import { render } from 'svelte/server';
      import Assistant from './assistant.svelte';
      export const html = render(Assistant).body;
    `;
    await assertRendersOnServer(t, blocks, { main: server, packages, plugins: [sveltePlugin('server')] });
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
