// The pages of the API's reference, made by TypeDoc from the types that the package ships.
import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { relativeLink, summaryOf, titleOf } from './markdown.mjs';
import { convertTypes } from './types.mjs';

/** The folder of these pages below the documentation. */
const FOLDER = 'reference';

/** The kinds of what an entry exports, by their folders, in the order of the sidebar. */
const KINDS = ['classes', 'functions', 'interfaces', 'type-aliases', 'variables'];

/** The pages of one entry: its own, which lists the others, then those by kind and name. */
function sortedPages(name, pages) {
  const own = `${FOLDER}/${name}/`;
  const rank = ({ path }) => KINDS.indexOf(path.slice(own.length).split('/')[0]); // -1: the list
  return pages.sort((a, b) => rank(a) - rank(b) || (a.title < b.title ? -1 : 1));
}

/** An entry's list with what each of its names is, and those that other entries have, too, in short. */
function withSummaries(list, pages) {
  const summaries = new Map(pages.map(({ path, summary }) => [path, summary]));
  return list.text
    .replaceAll(/^### .+\n\nRe-exports (\[.+\]\(.+\))(?:\n\n\*\*\*\n)?/gm, '- $1')
    .replace('## References', '## As of other entries')
    .replaceAll(/^- (\[.+\]\((.+)\))$/gm, (line, _, target) => {
      const summary = summaries.get(posix.join(posix.dirname(list.path), target));
      return summary ? `${line}: ${summary.replaceAll(/[<*_[\]]/g, '\\$&')}` : line;
    })
    .replaceAll(/\n\n(?=- )/g, '\n')
    .replaceAll(/^(## .*)\n(?=- )/gm, '$1\n\n');
}

/**
 * Makes the reference's pages.
 *
 * @param {string} folder of work; the pages are made in a folder of it
 * @param {string} tools as `siteTools` gives it
 * @returns {Promise<{ name: string, source: string, pages: import('./pages.mjs').Page[] }[]>} by entry, its own page first;
 *   `source` is the module in the repository
 * @throws {UserError} where TypeDoc warns of anything
 */
export async function makeReference(folder, tools) {
  const { application, project, modules } = await convertTypes(folder, join(folder, FOLDER), tools);
  await application.generateOutputs(project);
  const names = (await readdir(join(folder, FOLDER), { recursive: true }))
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.md') && name !== 'index.md');
  const pages = await Promise.all(
    names.map(async (name) => {
      const written = await readFile(join(folder, FOLDER, name), 'utf8');
      // That a member may be left out, and what a type depends on, stands in the code below the heading.
      const text = written.replaceAll(/^(#+ .*)\?$/gm, '$1').replace(/^(# \w+)\\<.*$/m, '$1');
      return { path: `${FOLDER}/${name}`, from: null, title: titleOf(text), summary: summaryOf(text), text };
    }),
  );
  const entryOf = ({ path }) =>
    modules
      .map(({ name }) => name)
      .filter((name) => path.startsWith(`${FOLDER}/${name}/`))
      .sort((a, b) => b.length - a.length)[0];
  return modules.map(({ name, source }) => {
    const [list, ...rest] = sortedPages(
      name,
      pages.filter((page) => entryOf(page) === name),
    );
    return { name, source, pages: [{ ...list, text: withSummaries(list, pages) }, ...rest] };
  });
}

/** A page of the reference in which documents that comments name are links. */
export function linkDocuments(page, documents) {
  const link = (_, name) => {
    const document = documents.find(({ from }) => from === name);
    return document === undefined ? name : `[${document.title}](${relativeLink(page.path, document.path)})`;
  };
  return { ...page, text: page.text.replaceAll(/(?<![\w/`(])(docs\/[\w/-]+\.md)/g, link) };
}
