// Environments inside a browser's extension (manifest version 3).
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { removeFolder } from '../../../tools/lib/folders.mjs';
import { launchWithExtension } from '../../browser/browser.mjs';

const MOST_MS = 30_000;

const MANIFEST = {
  manifest_version: 3,
  name: 'an extension of a user',
  version: '1.0',
  content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'" },
};

/** The name that Chromium gives to an extension of a folder: half of the hash of the path, in letters from a to p. */
export const idOf = (folder) =>
  [...createHash('sha256').update(folder).digest('hex').slice(0, 32)]
    .map((digit) => 'abcdefghijklmnop'[Number.parseInt(digit, 16)])
    .join('');

/** The project as an extension, in a browser that is closed again. */
async function inExtension(harness, name, { files, manifest = {} }, work) {
  const folder = await harness.project(name, {
    'manifest.json': JSON.stringify({ ...MANIFEST, ...manifest }),
    ...files,
  });
  const profile = join(folder, '..', `${name}-profile`);
  const context = await launchWithExtension(profile, folder);
  try {
    return await work(context, `chrome-extension://${idOf(folder)}/`);
  } finally {
    await context.close();
    await removeFolder(profile);
  }
}

/**
 * A page of the extension's own.
 *
 * @param {Record<string, string>} files with index.html
 * @returns {import('../harness.mjs').Run}
 */
export const extensionPage = (files) => (harness, name) =>
  inExtension(harness, name, { files }, async (context, address) => {
    const page = await context.newPage();
    await page.goto(`${address}index.html`);
    await page.waitForFunction(() => globalThis.outcome !== undefined, null, { timeout: MOST_MS });
    return page.evaluate(() => globalThis.outcome);
  });

/**
 * The extension's service worker.
 *
 * @param {Record<string, string>} files with background.js
 * @returns {import('../harness.mjs').Run}
 */
export const extensionBackground = (files) => (harness, name) => {
  const manifest = { background: { service_worker: 'background.js', type: 'module' } };
  return inExtension(harness, name, { files, manifest }, async (context) => {
    const [running] = context.serviceWorkers();
    const worker = running ?? (await context.waitForEvent('serviceworker', { timeout: MOST_MS }));
    return worker.evaluate(() => globalThis.outcome);
  });
};
