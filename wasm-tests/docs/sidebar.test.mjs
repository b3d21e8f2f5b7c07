// docs/.vitepress/sidebar.mjs, the list of the site's pages, against the documents that there are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIDEBAR } from '../../docs/.vitepress/sidebar.mjs';
import { overview } from '../../tools/site/llms.mjs';
import { summaryOf, titleOf, withLinks } from '../../tools/site/markdown.mjs';
import { readPages } from '../../tools/site/pages.mjs';
import { repositoryFiles } from '../project/repository.mjs';

test('each document of docs/ is a page of the site, once', async () => {
  const pages = await readPages(SIDEBAR);
  const inDocs = pages.map(({ from }) => from).filter((from) => from.startsWith('docs/'));
  const documents = repositoryFiles('docs/').filter((path) => path.endsWith('.md'));
  assert.ok(documents.length > 20);
  assert.deepEqual(inDocs.sort(), documents.sort());
  assert.equal(new Set(pages.map(({ path }) => path)).size, pages.length);
});

test('pages have titles of their own, and say in a sentence what they are about', async () => {
  const pages = await readPages(SIDEBAR);
  assert.deepEqual(
    pages.filter(({ title, summary }) => title === '' || summary.length < 10).map(({ path }) => path),
    [],
  );
});

test('links lead to pages, and what is no page is no link', async () => {
  const pages = await readPages(SIDEBAR);
  const textOf = (path) => pages.find((page) => page.path === path).text;
  assert.match(textOf('api.md'), /\]\(entries\.md\)/);
  assert.match(textOf('support.md'), /\]\(overview\.md#what-your-page-needs\)/);
  assert.match(textOf('overview.md'), /\]\(pictures\/demo\.webp\)/);
  assert.match(textOf('index.md'), /\]\(\.\.\/index\.html\)/, 'the demo');
  assert.match(textOf('contributing.md'), /what\s+they\s+need\]\(overview\.md#work-on-sotto\)/);
  assert.doesNotMatch(textOf('contributing.md'), /tools\/fixtures\/README\.md/);

  const types = { from: 'web/index.ts', path: 'reference/sotto/index.md', title: 'sotto' };
  const linked = await readPages(SIDEBAR, [types]);
  assert.match(linked.find(({ path }) => path === 'api.md').text, /\]\(reference\/sotto\/index\.md\)/);
});

test('documents are read as Markdown: code is no link, tables are no summary', () => {
  const text =
    '# A `title`\n\n| a | b |\n\n```js\n[x](y)\n```\n\nA [link\nhere](a.md). `[no](b.md)` [![in](c.svg)](d.md)';
  const seen = [];
  const changed = withLinks(text, ({ target, label }) => {
    seen.push(target);
    return label;
  });
  assert.deepEqual(seen, ['a.md', 'c.svg', 'd.md']);
  assert.match(changed, /^\[x\]\(y\)$/m);
  assert.match(changed, /`\[no\]\(b\.md\)`/);
  assert.equal(titleOf(text), 'A title');
  assert.equal(summaryOf(text), 'A link here. no in');
  assert.equal(summaryOf('# x\n\n## y\n- a list\n'), 'a list');
  assert.equal(summaryOf('# x\n\n| a | b |\n'), '');
});

test('llms.txt has a title, a summary and sections of links', async () => {
  const pages = await readPages(SIDEBAR);
  const lines = overview(SIDEBAR, pages).split('\n');
  assert.equal(lines[0], '# sotto');
  assert.match(lines[2], /^> .{20}/);
  const links = lines.filter((line) => /^- \[.+\]\(docs\/.+\.md\)/.test(line));
  assert.equal(links.length, pages.length);
  assert.ok(lines.includes('## Optional'));
});
