// What the browser tests share: one Chromium per file, pages that note every complaint and every request, and
// fixture models as files.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { chromiumPath, chromiumWithExtensionsPath } from '../../tools/toolchain/chromium.mjs';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Nothing but this machine can be reached. */
const ALONE = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1';
const PATIENCE_MS = 20_000;

/**
 * Starts Chromium. Nothing but this machine can be reached from it.
 *
 * @param {string[]} [flags] more of its flags; of those with the same name the last counts
 */
export async function launchBrowser(flags = []) {
  const executablePath = await chromiumPath();
  return chromium.launch({
    executablePath,
    args: [...FLAGS, ALONE, ...flags],
  });
}

/** Starts the whole browser, which knows of apps; the shell that the others run in does not. */
export async function launchWholeBrowser() {
  const executablePath = await chromiumWithExtensionsPath();
  return chromium.launch({ executablePath, args: [...FLAGS, ALONE] });
}

/**
 * Starts a Chromium with an extension, in the given profile.
 *
 * @param {string} profile an empty folder
 * @param {string} extension its folder
 * @returns {Promise<import('playwright-core').BrowserContext>}
 */
export async function launchWithExtension(profile, extension) {
  const executablePath = await chromiumWithExtensionsPath();
  const load = [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`];
  return chromium.launchPersistentContext(profile, { executablePath, args: [...FLAGS, ALONE, ...load] });
}

/**
 * Opens a page in a profile of its own.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {import('playwright-core').BrowserContextOptions & { prepare?(context: object): Promise<void> }} [options]
 *   `prepare`: called before the page is opened
 * @returns {Promise<{ page: import('playwright-core').Page, requests: string[], complaints: string[],
 *   assertQuiet(): void, close(): Promise<void> }>} `assertQuiet`: fails where the page logged a warning or an error,
 *   threw, or asked another origin for anything
 */
export async function openPage(browser, url, { prepare, ...options } = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  await prepare?.(context);
  const page = await context.newPage();
  const requests = [];
  const complaints = [];
  context.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(url);
  const assertQuiet = () => {
    assert.deepEqual(complaints, []);
    const { origin } = new URL(url);
    assert.deepEqual(
      requests.filter((request) => new URL(request).origin !== origin),
      [],
    );
  };
  return { page, requests, complaints, assertQuiet, close: () => context.close() };
}

/**
 * Files of a fixture model, in memory: the browser may see another file system.
 *
 * @param {string} model the name of a folder in wasm-tests/fixtures
 * @param {string[]} names
 */
export function fixtureFiles(model, names = ['config.json', 'generation_config.json', 'model.safetensors']) {
  return Promise.all(
    names.map(async (name) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: await readFile(new URL(`../fixtures/${model}/${name}`, import.meta.url)),
    })),
  );
}

/** Drops files on the page, as from a file manager. */
export async function dropFiles(page, files) {
  const contents = files.map(({ name, buffer }) => ({ name, base64: buffer.toString('base64') }));
  const transfer = await page.evaluateHandle((given) => {
    const made = new DataTransfer();
    for (const { name, base64 } of given) {
      made.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    }
    return made;
  }, contents);
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await page.dispatchEvent('body', type, { dataTransfer: transfer });
  }
}
