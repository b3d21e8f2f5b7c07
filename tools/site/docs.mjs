// docs/ as a site: the documents and the reference become pages of VitePress, which is run in a folder of its own. Its
// pages have scripts and styles in them, which a Content-Security-Policy of the host's has to allow.
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { SIDEBAR } from '../../docs/.vitepress/sidebar.mjs';
import { phase } from '../lib/console.mjs';
import { inRepository, removeFolder } from '../lib/folders.mjs';
import { run } from '../lib/process.mjs';
import { siteTools } from '../toolchain/site-tools.mjs';
import { writeTexts } from './llms.mjs';
import { withLinks } from './markdown.mjs';
import { pagesInFolder, readPages } from './pages.mjs';
import { linkDocuments, makeReference } from './reference.mjs';

/** What the service worker of the documentation goes by: the files with their hashes. */
const FILES = 'files.json';
const HASH_LETTERS = 16;

/** What VitePress shows of one page in its sidebar. */
const entry = ({ title, path }) => ({ text: title, link: `/${path.replace(/(index)?\.md$/, '')}` });

/** The links of the reference: its entries, of which each has a sidebar of its own. */
const entryLinks = (reference) => reference.map(({ name, pages: [list] }) => entry({ ...list, title: name }));

/** The list of docs/.vitepress/sidebar.mjs with titles and addresses, as VitePress reads it. */
async function mainSidebar(pages, reference) {
  const page = (path) => entry(pages.find((each) => each.path === path));
  const itemsOf = async (item) => {
    if (typeof item === 'string') return [page(item)];
    if (item.from !== undefined) return [page(item.page)];
    if (item.folder !== undefined) {
      const items = (await pagesInFolder(item.folder)).map(page);
      return [{ text: item.text, link: items[0].link, collapsed: true, items }];
    }
    return entryLinks(reference);
  };
  return Promise.all(
    SIDEBAR.map(async ({ text, items }) => ({ text, items: (await Promise.all(items.map(itemsOf))).flat() })),
  );
}

/** The sidebars by the paths of the pages that show them. */
async function sidebars(pages, reference) {
  const ofEntries = reference.map(({ name, pages: [list, ...rest] }) => [
    `/${posix.dirname(list.path)}/`,
    [
      { text: 'Documentation', link: '/' },
      { text: 'Reference', items: entryLinks(reference) },
      ...(rest.length > 0 ? [{ text: name, items: rest.map(entry) }] : []),
    ],
  ]);
  return Object.fromEntries([['/', await mainSidebar(pages, reference)], ...ofEntries]);
}

/** A page as VitePress gets it: links that leave the documentation are none of its pages. */
const forVitepress = ({ path, text }, base) =>
  withLinks(text, ({ target, label, isPicture }) => {
    const away = posix.join('docs', posix.dirname(path), target);
    const leaves = !/^[a-z]+:|^#/i.test(target) && !away.startsWith('docs/');
    return leaves
      ? `<a href="${base}${away.replace(/^index\.html$/, '')}" target="_self">${label}</a>`
      : `${isPicture ? '!' : ''}[${label}](${target})`;
  });

/** The demo's colours and type, dark ones for VitePress's class, which a reader may choose. */
async function demoColours() {
  const style = await readFile(inRepository('demo/style/base.css'), 'utf8');
  const [light, dark] = Array.from(style.matchAll(/:root \{([^}]*)\}/g), ([, properties]) => properties);
  return `:root {${light}}\n.dark {${dark}}\n`;
}

/** Fills the folder that VitePress is run in. */
async function prepare(folder, pages, data, tools) {
  await cp(inRepository('docs/.vitepress'), join(folder, '.vitepress'), { recursive: true });
  await cp(inRepository('docs/pictures'), join(folder, 'pictures'), { recursive: true });
  await mkdir(join(folder, 'public'));
  await cp(inRepository('demo/icon.svg'), join(folder, 'public/icon.svg'));
  await writeFile(join(folder, '.vitepress/theme/colours.css'), await demoColours());
  await writeFile(join(folder, '.vitepress/site.json'), JSON.stringify(data));
  await symlink(join(tools, 'node_modules'), join(folder, 'node_modules'), 'junction');
  for (const page of pages) {
    const file = join(folder, page.path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, forVitepress(page, data.base));
  }
}

/** The hashes of all files of the built documentation that a reader may need, by their paths. */
async function writeFileList(folder) {
  const names = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll('\\', '/'));
  const isFile = (name) => /\.\w+$/.test(name);
  const isSource = (name) => /\.md$|^service-worker\.js$|^pictures\//.test(name);
  const wanted = names.filter((name) => isFile(name) && !isSource(name)).sort();
  const hashes = await Promise.all(
    wanted.map(async (name) => [
      name,
      createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex')
        .slice(0, HASH_LETTERS),
    ]),
  );
  await writeFile(join(folder, FILES), JSON.stringify(Object.fromEntries(hashes)));
}

/**
 * Puts the documentation into the site's folder: docs/, llms.txt and llms-full.txt.
 *
 * @param {string} site the folder
 * @param {string} base the path at which it will be served, with a slash at both ends
 */
export async function buildDocs(site, base) {
  const tools = await siteTools();
  await mkdir(inRepository('build'), { recursive: true });
  const work = await mkdtemp(inRepository('build/docs-'));
  try {
    const reference = await phase('Making the reference', () => makeReference(work, tools));
    const lists = reference.map(({ source, pages: [list] }) => ({ ...list, from: source }));
    const documents = await readPages(SIDEBAR, lists);
    const made = reference.flatMap(({ pages }) => pages).map((page) => linkDocuments(page, documents));
    const pages = [...documents, ...made];
    const root = join(work, 'pages');
    await mkdir(root);
    const summaries = Object.fromEntries(pages.map(({ path, summary }) => [path, summary]));
    await prepare(root, pages, { base, sidebar: await sidebars(pages, reference), summaries }, tools);
    const out = join(site, 'docs');
    const vitepress = join(tools, 'node_modules/vitepress/bin/vitepress.js');
    await phase('Building the documentation', (report) =>
      run([process.execPath, vitepress, 'build', root, '--outDir', out], {
        cwd: root,
        report,
        inherit: !!process.env.DBG,
      }),
    );
    await writeTexts(site, SIDEBAR, pages);
    await cp(inRepository('docs/pictures'), join(out, 'pictures'), { recursive: true });
    await cp(inRepository('docs/.vitepress/service-worker.js'), join(out, 'service-worker.js'));
    await writeFileList(out);
  } finally {
    await removeFolder(work);
  }
}
