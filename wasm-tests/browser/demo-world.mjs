// What the demo's tests with models by name share: the page, the hub's stand-in, and models of two sizes.
import { readFile } from 'node:fs/promises';
import { inRepository } from '../../tools/lib/folders.mjs';
import { startServer } from '../../tools/serve.mjs';
import { startHub } from '../sources/hub-server.mjs';
import { launchBrowser, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';

export const WEIGHTS = 'model.safetensors';
const NAMES = ['config.json', 'generation_config.json', WEIGHTS, 'tokenizer.json', 'tokenizer_config.json'];

/** A small model, 10.9 MB, and its weights alone. */
export const TINY = 'owner/tiny';
export const TINY_FILES = Object.fromEntries(
  NAMES.map((name) => [name, { path: inRepository('demo/models/tiny-stories', name) }]),
);

/** One of 38 MB, for which the page asks. */
export const LARGE = 'owner/large';

/** The small model with its layers over and over. */
export async function largeFiles(nLayers = 24) {
  const bytes = await readFile(TINY_FILES[WEIGHTS].path);
  const headerEnd = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, headerEnd));
  const config = JSON.parse(await readFile(TINY_FILES['config.json'].path, 'utf8'));
  const parts = [];
  const entries = {};
  let offset = 0;
  const add = (name, { dtype, shape, data_offsets: [begin, end] }) => {
    entries[name] = { dtype, shape, data_offsets: [offset, offset + end - begin] };
    parts.push(bytes.subarray(headerEnd + begin, headerEnd + end));
    offset += end - begin;
  };
  for (const [name, entry] of Object.entries(header)) {
    const [, before, layer, behind] = /^(.*\.h\.)(\d+)(\..*)$/.exec(name) ?? [];
    if (name === '__metadata__') continue;
    if (layer === undefined) add(name, entry);
    else
      for (let at = Number(layer); at < nLayers; at += config.n_layer) add(`${before}${at}${behind}`, entry);
  }
  const json = Buffer.from(JSON.stringify(entries));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return {
    ...TINY_FILES,
    'config.json': JSON.stringify({ ...config, n_layer: nLayers }),
    [WEIGHTS]: Buffer.concat([length, json, ...parts]),
  };
}

/** A browser, the demo's server and a hub with both models. */
export class DemoWorld {
  static async start({ repos = {}, flags = [] } = {}) {
    const world = new DemoWorld();
    world.browser = await launchBrowser(flags);
    world.server = await startServer({ port: 0 });
    const large = await largeFiles();
    world.repos = { [TINY]: { files: TINY_FILES }, [LARGE]: { files: large }, ...repos };
    world.hub = await startHub({ repos: world.repos });
    return world;
  }

  get url() {
    return `${this.server.url}?hub=${this.hub.endpoint}`;
  }

  async close() {
    await Promise.all([this.browser.close(), this.server.close(), this.hub.close()]);
  }

  /** Runs `use` on a fresh page, in a profile of its own, with its model loaded. */
  async onDemo(use, options) {
    const opened = await openPage(this.browser, this.url, options);
    try {
      const demo = new DemoPage(opened.page);
      await demo.waitForModel();
      await use(demo, opened);
    } finally {
      this.hub.faults.clear();
      await opened.close();
    }
  }

  /** Lets weights come slowly. @returns the fault */
  slow(rate) {
    return this.hub.faults.add({ kind: 'slow', path: WEIGHTS, rate, times: Number.POSITIVE_INFINITY });
  }
}

/** For `prepare`: runs a script in each worker of the package before its own. */
export const beforeWorkers = (script) => async (context) => {
  await context.route('**/sotto/worker.js', async (route) => {
    try {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${script};\n${await response.text()}` });
    } catch (error) {
      if (!/disposed|closed/.test(error.message)) throw error; // the page was closed meanwhile
    }
  });
};
