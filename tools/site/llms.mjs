// The documentation for programs that read: llms.txt (llmstxt.org), all of it as llms-full.txt, and each page's text.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { withLinks } from './markdown.mjs';

/** Which pages a group of the list has. */
function pagesOf({ items }, pages) {
  const of = (item) => {
    if (typeof item === 'string') return [pages.find(({ path }) => path === item)];
    if (item.from !== undefined) return [pages.find(({ path }) => path === item.page)];
    if (item.folder !== undefined) return pages.filter(({ path }) => path.startsWith(`${item.folder}/`));
    return pages.filter(({ from }) => from === null);
  };
  return items.flatMap(of);
}

const line = ({ title, path, summary }) => `- [${title}](docs/${path})${summary ? `: ${summary}` : ''}`;

/** Which pages a reader in a hurry can do without: what the reference says of each name, and decisions. */
const isOptional = ({ path }) =>
  /^reference\/.*\/[A-Z\w]+\.md$|^decisions\//.test(path) && !path.endsWith('/index.md');

/** llms.txt, with the pages as the sidebar has them. */
export function overview(sidebar, pages) {
  const [home] = pages;
  const groups = sidebar.map((group) => ({ text: group.text, pages: pagesOf(group, pages) }));
  const sections = groups.map(({ text, pages: all }) => ({
    text,
    pages: all.filter((page) => !isOptional(page)),
  }));
  const optional = groups.flatMap(({ pages: all }) => all.filter(isOptional));
  return [
    `# ${home.title}\n\n> ${home.summary}\n`,
    'Every page is also there as HTML, with `.html` in the place of `.md`. All of them in one file: [llms-full.txt](llms-full.txt).\n',
    ...[...sections, { text: 'Optional', pages: optional }].map(
      (section) => `## ${section.text}\n\n${section.pages.map(line).join('\n')}\n`,
    ),
  ].join('\n');
}

/** The text of a page whose links hold from the site's root. */
const fromRoot = ({ path, text }) =>
  withLinks(text, ({ target, label, isPicture }) => {
    const isOwn = !/^[a-z]+:|^#/i.test(target);
    const link = isOwn ? posix.join('docs', posix.dirname(path), target) : target;
    return `${isPicture ? '!' : ''}[${label}](${link})`;
  });

/** Writes all of it into the site's folder. */
export async function writeTexts(site, sidebar, pages) {
  for (const { path, text } of pages) {
    const file = join(site, 'docs', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const inOrder = sidebar.flatMap((group) => pagesOf(group, pages));
  await writeFile(join(site, 'llms.txt'), overview(sidebar, pages));
  await writeFile(join(site, 'llms-full.txt'), inOrder.map(fromRoot).join('\n\n---\n\n'));
}
