// The documents that become pages: which, where, and what their links become there.
import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { inRepository } from '../lib/folders.mjs';
import { relativeLink, summaryOf, titleOf, withLinks } from './markdown.mjs';

/**
 * @typedef {object} Page
 * @property {string} path below the documentation, such as 'chat.md'
 * @property {string | null} from the document's path in the repository; null for one that is made
 * @property {string} title
 * @property {string} summary
 * @property {string} text with links that hold on the site
 */

const isExternal = (target) => /^[a-z][a-z+.-]*:/i.test(target);
const isPictureFile = (path) => /\.(svg|webp|png|jpe?g|gif)$/.test(path);

/** The items of the list without its folders: each document with its page. */
async function documentsOf(sidebar) {
  const documents = [];
  for (const item of sidebar.flatMap(({ items }) => items)) {
    if (typeof item === 'string') documents.push({ path: item, from: `docs/${item}` });
    else if (item.from !== undefined) documents.push({ path: item.page, from: item.from, name: item.text });
    else if (item.folder !== undefined)
      for (const path of await pagesInFolder(item.folder)) documents.push({ path, from: `docs/${path}` });
  }
  return documents;
}

/** The documents of a folder of docs/, by their names. */
export async function pagesInFolder(folder) {
  const names = await readdir(inRepository('docs', folder));
  return names
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** Where source files can be read, with a slash at its end; null where package.json names no such place. */
async function sourceAddress() {
  const { repository } = JSON.parse(await readFile(inRepository('package.json'), 'utf8'));
  const address = typeof repository === 'string' ? repository : repository?.url;
  return address === undefined ? null : `${address.replace(/^git\+/, '').replace(/\.git$/, '')}/blob/main/`;
}

/** What a link of a document becomes, with the pages by their documents. */
function linkWriter({ path, from }, pageOf, sources) {
  return ({ target, label, isPicture }) => {
    const mark = isPicture ? '!' : '';
    if (isExternal(target) || target.startsWith('#')) return `${mark}[${label}](${target})`;
    const [file, anchor] = target.split('#');
    const meant = posix.join(posix.dirname(from), file).replace(/\/$/, '');
    const page = pageOf.get(meant);
    const end = anchor === undefined ? '' : `#${anchor}`;
    if (page !== undefined) {
      const words = label === posix.basename(file) ? page.title : label; // nobody on the site knows files
      return `[${words}](${relativeLink(path, page.path)}${end})`;
    }
    if (isPictureFile(meant) && meant.startsWith('docs/'))
      return `${mark}[${label}](${relativeLink(path, meant.slice('docs/'.length))})`;
    if (meant === 'demo') return `[${label}](${relativeLink(`docs/${path}`, 'index.html')})`;
    return sources === null ? label : `[${label}](${sources}${meant}${end})`;
  };
}

/**
 * All pages that are documents of the repository.
 *
 * @param {import('../../docs/.vitepress/sidebar.mjs').SIDEBAR} sidebar
 * @param {{ from: string, path: string, title: string }[]} [others] what links to other files lead to
 * @returns {Promise<Page[]>}
 */
export async function readPages(sidebar, others = []) {
  const documents = await Promise.all(
    (await documentsOf(sidebar)).map(async ({ path, from, name }) => {
      const text = await readFile(inRepository(from), 'utf8');
      return { path, from, title: name ?? titleOf(text), summary: summaryOf(text), text };
    }),
  );
  const pageOf = new Map([...documents, ...others].map((page) => [page.from, page]));
  for (const page of documents) {
    const folder = `docs/${posix.dirname(page.path)}`; // a link to a folder leads to its first page
    if (folder !== 'docs/.' && !pageOf.has(folder)) pageOf.set(folder, page);
  }
  const sources = await sourceAddress();
  return documents.map((page) => ({
    ...page,
    text: withLinks(page.text, linkWriter(page, pageOf, sources)),
  }));
}
