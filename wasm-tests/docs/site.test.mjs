// The site as a host has it below a path: built once, its links followed, searched, without a connection, read by axe.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { pathOf, staticFiles } from '../../tools/lib/static-files.mjs';
import { launchBrowser, openPage } from '../browser/browser.mjs';
import { root } from '../project/repository.mjs';
import { exportedNames, propertiesOf } from './declared.mjs';

const execute = promisify(execFile);
const BASE = '/some/where';
const SITE = `${root}site`;
const OPTIONS = 'docs/reference/sotto/interfaces/GenerateOptions';
const PAGES = { home: 'docs/', guide: 'docs/chat.html', reference: `${OPTIONS}.html` };

let browser;
let server;
let url;
const host = { isDown: false };
before(async () => {
  const [{ stdout }, launched] = await Promise.all([
    execute(process.execPath, ['tools/site.mjs', '--base', `${BASE}/`], { cwd: root }),
    launchBrowser(),
  ]);
  assert.match(stdout, /site\/ is ready: serve it at \/some\/where\//);
  browser = launched;
  const files = staticFiles(SITE);
  server = createServer((request, response) => {
    const { path } = pathOf(request.url);
    if (host.isDown) return response.destroy();
    if (!path?.startsWith(`${BASE}/`)) return response.writeHead(404).end();
    void files(request, response, path.slice(BASE.length));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}${BASE}/`;
});
after(async () => {
  await browser?.close();
  server?.close();
  server?.closeAllConnections();
});

const read = (path) => readFileSync(`${SITE}/${path}`, 'utf8');
const builtPages = () =>
  readdirSync(`${SITE}/docs`, { recursive: true })
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.html'));
const valuesOf = (html, attributes) =>
  Array.from(html.matchAll(new RegExp(` (?:${attributes})="([^"]*)"`, 'g')), ([, value]) =>
    value.replaceAll('&amp;', '&'),
  );

test('every link and every anchor of every page leads somewhere, below the path', () => {
  const paths = builtPages();
  assert.ok(paths.length > 150);
  const ids = new Map(paths.map((path) => [path, new Set(valuesOf(read(path), 'id'))]));
  const wrong = new Set();
  let nLinks = 0;
  for (const path of paths.filter((each) => !each.endsWith('404.html'))) {
    const page = new URL(`http://host${BASE}/${path}`);
    for (const link of valuesOf(read(path), 'href|src')) {
      const { origin, pathname, hash } = new URL(link, page);
      if (origin !== page.origin) continue;
      nLinks += 1;
      const inside = pathname.startsWith(`${BASE}/`) ? pathname.slice(BASE.length + 1) : null;
      const file = inside === '' || inside?.endsWith('/') ? `${inside}index.html` : inside;
      const isThere = file !== null && existsSync(`${SITE}/${file}`);
      const hasAnchor =
        hash === '' || !file?.startsWith('docs/') || ids.get(file)?.has(decodeURIComponent(hash.slice(1)));
      if (!isThere || !hasAnchor) wrong.add(`${path}: ${link}`);
    }
  }
  assert.ok(nLinks > 10_000);
  assert.deepEqual([...wrong], []);
});

test('nothing but links to read leaves the site', () => {
  for (const path of builtPages()) {
    const loads = Array.from(
      read(path).matchAll(/<(?:script|link|img|iframe)\b[^>]*?(?:src|href)="(https?:|\/\/)/g),
    );
    assert.deepEqual(loads, [], path);
  }
});

test('what the demo links to is there', async () => {
  const opened = await openPage(browser, url);
  const links = await opened.page.$$eval('a[href]', (all) => all.map((link) => link.href));
  assert.ok(links.length > 0);
  for (const link of links) assert.equal((await fetch(link)).status, 200, link);
  await opened.close();
});

test('pages work in the browser, and the search finds what is asked for', async () => {
  const opened = await openPage(browser, `${url}docs/`);
  const { page } = opened;
  await page.click('a.demo-link >> nth=0', { trial: true });
  await page.click('#local-search button');
  await page.fill('#localsearch-input', 'temperature');
  const results = page.locator('.results .result');
  await results.first().waitFor();
  assert.ok((await results.count()) > 3);
  assert.match(await results.first().innerText(), /temperature/i);
  const target = await results.first().getAttribute('href');
  await results.first().click();
  await page.waitForURL(new URL(target, url).href);
  await page.waitForFunction(() => /temperature/i.test(document.querySelector('main').innerText));
  await page.click('a.demo-link >> nth=0');
  await page.waitForURL(url);
  assert.equal(await page.textContent('h1'), 'sotto');
  opened.assertQuiet();
  await opened.close();
});

for (const [name, path] of Object.entries(PAGES)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds nothing: ${name}, ${colorScheme}`, async () => {
      const opened = await openPage(browser, url + path, { colorScheme });
      await opened.page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
      const { violations } = await opened.page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        [],
      );
      opened.assertQuiet();
      await opened.close();
    });
  }
}

test('after one visit everything is there without a connection; the demo has a worker of its own', async (t) => {
  const opened = await openPage(browser, `${url}docs/`);
  const { page } = opened;
  t.after(() => opened.close());
  await page.evaluate(async () => {
    const isKept = async () => {
      for (const name of await caches.keys())
        if (name.startsWith('sotto-docs') && (await (await caches.open(name)).match('files.json')))
          return true;
      return false;
    };
    while (!(await isKept())) await new Promise((resolve) => setTimeout(resolve, 100));
  });
  const scopes = () =>
    page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      const all = await navigator.serviceWorker.getRegistrations();
      return all.map(({ scope }) => new URL(scope).pathname).sort();
    });
  assert.deepEqual(await scopes(), [`${BASE}/docs/`]);
  await page.goto(url);
  assert.deepEqual(await scopes(), [`${BASE}/`, `${BASE}/docs/`]);
  await page.goto(`${url}docs/api.html`);
  assert.match(await page.textContent('main h1'), /^The API/);
  host.isDown = true;
  t.after(() => {
    host.isDown = false;
  });
  await page.goto(`${url}${OPTIONS}.html`);
  assert.match(await page.textContent('main h1'), /^GenerateOptions/); // and the mark of its anchor
  await page.click('.VPSidebar a:has-text("Chat")');
  await page.waitForFunction(() => document.querySelector('main h1').innerText.startsWith('Chat'));
  await page.click('#local-search button');
  await page.fill('#localsearch-input', 'temperature');
  await page.waitForSelector('.results .result');
});

test('the reference has every name that the package exports', () => {
  const entries = exportedNames();
  assert.ok(entries.sotto.length > 50 && entries['sotto/engine'].includes('Engine'));
  for (const same of ['sotto/inline', 'sotto/edge']) {
    assert.deepEqual(entries[same].sort(), entries.sotto.sort(), same);
    delete entries[same];
  }
  for (const [entry, names] of Object.entries(entries)) {
    const list = read(`docs/reference/${entry}/index.md`);
    const listed = new Map(
      Array.from(list.matchAll(/^- \[(.+?)\]\((.+?)\)/gm), ([, name, path]) => [name, path]),
    );
    for (const name of names) {
      const path = listed.get(name.replaceAll('_', '\\_'));
      assert.ok(path !== undefined, `${entry} exports ${name}`);
      assert.match(
        read(`docs/reference/${entry}/${path}`),
        new RegExp(`^# ${name.replaceAll('_', '\\\\_')}(\\(\\))?$`, 'm'),
      );
    }
    assert.equal(listed.size, names.length, entry);
  }
});

test('every option stands in a group', () => {
  for (const name of ['GenerateOptions', 'ChatOptions', 'LoadOptions']) {
    const groups = new Map();
    let group = '';
    for (const [, marks, heading] of read(`docs/reference/sotto/interfaces/${name}.md`).matchAll(
      /^(##+) (.+)$/gm,
    )) {
      if (marks === '##') group = heading;
      else if (marks === '###') groups.set(heading.replace('()', ''), group);
    }
    const options = propertiesOf('sotto', name);
    assert.ok(options.length > 20 || name !== 'GenerateOptions');
    assert.deepEqual([...groups.keys()].sort(), options.sort());
    for (const [option, of] of groups) assert.doesNotMatch(of, /^$|Properties|Methods/, `${name}.${option}`);
  }
});

test('llms.txt leads to the text of each page, and llms-full.txt has all of it', () => {
  const links = Array.from(read('llms.txt').matchAll(/\]\((.+?)\)/g), ([, path]) => path);
  const pages = builtPages().filter((path) => !path.endsWith('404.html'));
  assert.deepEqual(
    links.filter((path) => path.startsWith('docs/')).sort(),
    pages.map((path) => path.replace('.html', '.md')).sort(),
  );
  const all = read('llms-full.txt');
  for (const path of links) {
    const text = read(path);
    if (path.endsWith('.md')) assert.ok(all.includes(/^# .*$/m.exec(text)[0]), path);
  }
});

test('a base that is no path is refused before anything is built', async () => {
  const { stderr, code } = await execute(process.execPath, ['tools/site.mjs', '--base', 'where'], {
    cwd: root,
  }).catch((error) => error);
  assert.equal(code, 1);
  assert.match(stderr, /--base is 'where'/);
});
