// node bench/cold-start.mjs NAME=FOLDER ...: from opening a page to the first word of the embedded model, with nothing in the
// browser's cache, over HTTP/1.1, at once and with a delay of each answer. NAME=FOLDER are packages to compare, each the folder
// of a package.json; a name that begins with `built` is built by Vite first (VITE: its bin). In turns, medians of all rounds.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { main, UserError } from '../tools/lib/console.mjs';
import { inRepository } from '../tools/lib/folders.mjs';
import { launchBrowser } from '../wasm-tests/browser/browser.mjs';
import { median } from './statistics.mjs';

const ROUNDS = 5;
const DELAYS_MS = [0, 50];
const MODEL = inRepository('demo/models/tiny-stories');
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};
const COMPRESSED = new Set(['.html', '.js', '.wasm', '.json']);

const page = (from) => `<!doctype html><title>a page</title><script type="module">
import { LanguageModel } from '${from}';
const model = await LanguageModel.load(new URL('/model/', location.href));
for await (const { text } of model.generate('Once upon a time', { seed: 7 })) {
  if (text === '') continue;
  window.firstWordMs = performance.now();
  break;
}
</script>`;

/** The folder of a page that Vite has built with the package. */
async function build(packageFolder, vite) {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-cold-start-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(packageFolder, join(folder, 'node_modules/sotto'));
  const script = /<script[^>]*>\n([\s\S]*)<\/script>/.exec(page('sotto'))[1];
  await writeFile(join(folder, 'main.js'), script);
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><title>a page</title><script type="module" src="./main.js"></script>',
  );
  await promisify(execFile)(process.execPath, [vite, 'build', '--target', 'esnext', '--logLevel', 'error'], {
    cwd: folder,
  });
  return folder;
}

/** Serves a page, the package below /sotto/ and the model below /model/; each answer waits. */
async function serve(packageFolder, builtFolder, delayMs) {
  const files = new Map(); // gzip of each, once
  const seen = { requests: 0, ofPackage: 0, bytes: 0 };
  const answer = async (path) => {
    const inModel = path.startsWith('/model/');
    const root = inModel ? MODEL : builtFolder ? join(builtFolder, 'dist') : join(packageFolder, 'dist');
    const name = inModel
      ? path.slice('/model/'.length)
      : path.replace(/^\/sotto\//, '').replace(/^\/$/, '/index.html');
    if (path === '/' && !builtFolder) return Buffer.from(page('/sotto/index.js'));
    return readFile(join(root, name));
  };
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://x/').pathname;
    seen.requests++;
    await new Promise((wake) => setTimeout(wake, delayMs));
    const content = await answer(path).catch(() => null);
    if (content === null) return response.writeHead(404).end();
    const type = path === '/' ? '.html' : extname(path);
    if (!files.has(path)) files.set(path, COMPRESSED.has(type) ? gzipSync(content) : content);
    const body = files.get(path);
    if (!path.startsWith('/model/') && path !== '/') {
      seen.ofPackage++;
      seen.bytes += body.length;
    }
    response.writeHead(200, {
      'Content-Type': TYPES[type] ?? 'application/octet-stream',
      ...(COMPRESSED.has(type) && { 'Content-Encoding': 'gzip' }),
      'Content-Length': body.length,
      'Cache-Control': 'max-age=3600',
    });
    response.end(body);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, seen, close };
}

/** One cold start. */
async function start({ packageFolder, builtFolder }, delayMs) {
  const server = await serve(packageFolder, builtFolder, delayMs);
  const browser = await launchBrowser(); // nothing compiled is left of an earlier one
  try {
    const opened = await browser.newPage();
    await opened.goto(server.url);
    await opened.waitForFunction(() => window.firstWordMs !== undefined, null, { timeout: 60_000 });
    const ms = await opened.evaluate(() => window.firstWordMs);
    return { ms, ...server.seen };
  } finally {
    await browser.close();
    server.close();
  }
}

await main(async () => {
  const given = process.argv.slice(2).map((argument) => argument.split('='));
  if (given.length === 0) throw new UserError('Give packages to compare: NAME=FOLDER ...');
  const packages = [];
  for (const [name, folder] of given) {
    const packageFolder = resolve(folder);
    const isBuilt = name.startsWith('built');
    if (isBuilt && !process.env.VITE) throw new UserError('VITE must name the script of Vite.');
    packages.push({
      name,
      packageFolder,
      builtFolder: isBuilt ? await build(packageFolder, process.env.VITE) : null,
      runs: new Map(DELAYS_MS.map((delay) => [delay, []])),
    });
  }
  try {
    for (let round = 0; round < ROUNDS; round++)
      for (const delay of DELAYS_MS)
        for (const each of packages) each.runs.get(delay).push(await start(each, delay));
  } finally {
    for (const { builtFolder } of packages) if (builtFolder) await rm(builtFolder, { recursive: true });
  }
  const first = packages[0];
  console.log(
    'package | requests, of these for the package | its bytes | first word, ms, without and with the delay | ratio',
  );
  for (const { name, runs } of packages) {
    const [{ requests, ofPackage, bytes }] = runs.get(DELAYS_MS[0]);
    const ms = DELAYS_MS.map((delay) => median(runs.get(delay).map((run) => run.ms)));
    const ratios = DELAYS_MS.map((delay) =>
      median(runs.get(delay).map((run, i) => run.ms / first.runs.get(delay)[i].ms)).toFixed(2),
    );
    console.log(
      [
        name,
        `${requests}, ${ofPackage}`,
        bytes,
        ms.map((each) => each.toFixed()).join(' / '),
        ratios.join(' / '),
      ].join(' | '),
    );
  }
});
