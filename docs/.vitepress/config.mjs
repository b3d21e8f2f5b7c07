// How VitePress makes the site. It is run by tools/site/docs.mjs, which writes site.json: the base, the sidebar with titles,
// and what each page is about.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { anchorOf } from './anchors.mjs';

const { base, sidebar, summaries } = JSON.parse(readFileSync(new URL('site.json', import.meta.url), 'utf8'));

/** Double braces in a document are its own, and no expression of Vue's. */
function keepBraces({ renderer }) {
  for (const name of ['text', 'code_inline']) {
    const render = renderer.rules[name];
    renderer.rules[name] = (...args) => render(...args).replaceAll('{{', '&#123;&#123;');
  }
}

/** A heading of a table without words is none for screen readers. */
function emptyHeadings({ core }) {
  core.ruler.push('empty-headings', ({ tokens }) => {
    for (const [i, { type }] of tokens.entries()) {
      if (type !== 'th_open' || tokens[i + 1].content !== '') continue;
      for (const token of [tokens[i], tokens[i + 2]]) token.tag = 'td';
    }
  });
}

/** Guides before the reference, and in it what people ask for first: many types have the same options. */
function boostDocument(id) {
  if (!id.includes('/reference/')) return 1;
  return /\/sotto\/\w+\/(?:GenerateOptions|ChatOptions|LoadOptions|LanguageModel|Session)\.html/.test(id)
    ? 0.8
    : 0.3;
}

export default defineConfig({
  base: `${base}docs/`,
  lang: 'en',
  title: 'sotto',
  description: summaries['index.md'],
  appearance: 'force-auto', // as the demo, and as the pictures, which are dark where the system is
  metaChunk: true,
  lastUpdated: false,
  head: [
    ['link', { rel: 'icon', href: `${base}docs/icon.svg`, type: 'image/svg+xml' }],
    ['meta', { name: 'theme-color', content: '#f1f3ef', media: '(prefers-color-scheme: light)' }],
    ['meta', { name: 'theme-color', content: '#111513', media: '(prefers-color-scheme: dark)' }],
  ],
  transformPageData: (page) => ({ description: summaries[page.relativePath] }),
  markdown: {
    config(markdown) {
      keepBraces(markdown);
      emptyHeadings(markdown);
    },
    anchor: { slugify: anchorOf },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  vite: { build: { chunkSizeWarningLimit: 4000 } },
  themeConfig: {
    logo: '/icon.svg',
    siteTitle: 'sotto',
    sidebar,
    nav: [
      { text: 'First page', link: '/guides/first-page' },
      { text: 'API', link: '/api' },
      { text: 'Reference', link: '/reference/sotto/' },
      { text: 'How it works', link: '/how-it-works/' },
    ],
    outline: { level: [2, 3], label: 'On this page' },
    search: {
      provider: 'local',
      options: { detailedView: false, miniSearch: { searchOptions: { boostDocument } } },
    },
    docFooter: { prev: 'Before', next: 'Next' },
    externalLinkIcon: false,
  },
});
