// docs/guides/extension.md: its files as an extension, in Chromium; the model runs in its page and in its background.
import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { launchWithExtension } from '../browser/browser.mjs';
import { idOf } from '../environments/kinds/extensions.mjs';
import { projectFor } from './installed.mjs';
import { storyOf } from './models.mjs';
import { commandsOf, shellIn } from './shell.mjs';
import { testDocument } from './test-document.mjs';

testDocument('docs/guides/extension.md', {
  'manifest.json + Browser extensions sh 1 + popup.html + popup.js + background.js': async (blocks, t) => {
    const files = Object.values(blocks).filter(({ file }) => file !== '');
    const folder = realpathSync(
      projectFor(t, Object.fromEntries(files.map(({ file, code }) => [file, code]))),
    );
    const [install, ...copies] = commandsOf(blocks['Browser extensions sh 1']);
    assert.equal(install, 'npm i sotto sotto-tiny-stories');
    const run = shellIn(folder);
    for (const command of copies) await run(command);
    const context = await launchWithExtension(join(projectFor(t), 'profile'), folder);
    try {
      const story = await storyOf('Once upon a time', { maxNewTokens: 60, seed: 7 });
      const page = await context.newPage();
      const complaints = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(`chrome-extension://${idOf(folder)}/popup.html`);
      for (const selector of ['#here', '#background'])
        await page
          .waitForFunction(
            ([where, text]) => document.querySelector(where).textContent === text,
            [selector, story],
          )
          .catch((error) => {
            throw new Error(`${selector}: the page logged ${JSON.stringify(complaints)}`, { cause: error });
          });
    } finally {
      await context.close();
    }
  },
});
