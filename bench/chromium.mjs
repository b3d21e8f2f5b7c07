// Runs one measurement of bench/page in a fresh Chromium with a fresh profile.
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { startServer } from '../tools/serve.mjs';
import { launchBrowser, openPage } from '../wasm-tests/browser/browser.mjs';
import { startHub } from '../wasm-tests/sources/hub-server.mjs';
import { modelShape } from './model-shape.mjs';
import { median } from './statistics.mjs';

const LOADS = 3;

/** Parent and command line of every process of this machine (Linux). */
function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return [{ pid: Number(pid), parent, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }];
      } catch {
        return []; // it has just ended
      }
    });
}

/** The most memory that a renderer below this process has held, in bytes. */
function peakOfRenderers() {
  const all = processes();
  const ours = new Set([process.pid]);
  for (let size = 0; size !== ours.size; ) {
    size = ours.size;
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid);
  }
  const renderers = all.filter(({ pid, command }) => ours.has(pid) && command.includes('--type=renderer'));
  const peaks = renderers.map(({ pid }) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)[1]) * 1024;
  });
  return Math.max(0, ...peaks);
}

/** Runs `use(page)` in a browser of its own. `model` is the folder that the page finds at /model/. */
async function inPage(model, use) {
  const folders = {
    '/bench/': 'bench/page',
    '/modules/': 'build/web',
    '/test/': 'build/test',
    '/model/': model,
  };
  const server = await startServer({ port: 0, folders });
  const browser = await launchBrowser();
  try {
    const { page } = await openPage(browser, new URL('icon.svg', server.url).href);
    return await use(page);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** What bench/page/generation.js finds, and the renderer's peak. */
export function measureGeneration(model, options) {
  return inPage(model, async (page) => {
    const figures = await page.evaluate(async (given) => {
      const { measureGeneration: measure } = await import('/bench/generation.js');
      return measure(given);
    }, options);
    const peakBytes = peakOfRenderers(); // as the peers measure theirs: before the longest contexts
    const atContext = await page.evaluate(async () =>
      (await import('/bench/generation.js')).measureContexts(),
    );
    return { ...figures, peakBytes, atContext };
  });
}

/**
 * How long a file takes to load, and how long fetch alone takes to read it, each in a renderer of its own, in turns; medians.
 *
 * @returns {Promise<{ fetchSeconds: number, loadSeconds: number, fileBytes: number, peakBytes: number }>}
 */
export async function measureLoading(model, options) {
  const runs = { fetchSeconds: [], loadSeconds: [], peakBytes: [] };
  for (let run = 0; run < LOADS; run++) {
    for (const name of ['fetchSeconds', 'loadSeconds']) {
      await inPage(model, async (page) => {
        const measure = async ([key, given]) => (await import('/bench/loading.js'))[key](given);
        runs[name].push(await page.evaluate(measure, [name, options]));
        if (name === 'loadSeconds') runs.peakBytes.push(peakOfRenderers());
      });
    }
  }
  const { size } = await stat(join(model, options.file));
  return { ...Object.fromEntries(Object.entries(runs).map(([k, v]) => [k, median(v)])), fileBytes: size };
}

/**
 * How long a folder takes to load by its name on a hub of this machine: by URL without a store, by name for the first time, and
 * again from the store, which makes no request; in a fresh browser each, medians.
 */
export async function measureNamed(model, options) {
  const names = (await readdir(model)).filter((name) => /\.(?:json|safetensors)$/.test(name));
  const files = Object.fromEntries(names.map((name) => [name, { path: join(model, name) }]));
  const hub = await startHub({ repos: { 'owner/model': { files } } });
  const runs = [];
  try {
    for (let run = 0; run < LOADS; run++) {
      const given = { ...options, id: 'owner/model', endpoint: hub.endpoint };
      runs.push(
        await inPage(model, (page) =>
          page.evaluate(async (value) => (await import('/bench/loading.js')).namedSeconds(value), given),
        ),
      );
    }
  } finally {
    await hub.close();
  }
  return Object.fromEntries(Object.keys(runs[0]).map((key) => [key, median(runs.map((run) => run[key]))]));
}

/** What bench/page/decoding.js finds. */
export function measureDecoding(model, options) {
  return inPage(model, (page) =>
    page.evaluate(async (given) => (await import('/bench/decoding.js')).measureDecoding(given), options),
  );
}

/** What bench/page/sessions.js finds. */
export function measureSessions(model, options) {
  return inPage(model, (page) =>
    page.evaluate(async (given) => (await import('/bench/sessions.js')).measureSessions(given), options),
  );
}

/** What `measureContexts` or `measureEdits` of bench/page/long-texts.js finds. */
export function measureLongTexts(model, measurement, options) {
  return inPage(model, (page) =>
    page.evaluate(
      async ([name, given]) => (await import('/bench/long-texts.js'))[name](given),
      [measurement, options],
    ),
  );
}

/** What bench/page/kernels.js finds. */
export async function measureKernels(model, options) {
  const shape = await modelShape(model);
  return inPage(model, (page) =>
    page.evaluate(
      async (given) => {
        const worker = new Worker('/bench/kernels.js', { type: 'module' });
        const result = await new Promise((resolve) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => resolve({ error: message });
          worker.postMessage(given);
        });
        worker.terminate();
        if (result.error) throw new Error(result.error);
        return result;
      },
      { ...options, shape },
    ),
  );
}
