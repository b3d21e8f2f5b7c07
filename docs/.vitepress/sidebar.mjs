// The one list of the documentation's pages, in the order in which the site shows them. A test holds it against the files.
//
// A page is a path below docs/, or `{ from, page }`: a document of the repository, and the page that it becomes. It is
// known by its title, or by the `text` that stands here. `{ folder }` stands for all documents of a folder, by their names;
// `{ reference: true }` for what is made from the types.

/**
 * @typedef {string | { from: string, page: string, text?: string } | { folder: string, text: string } | { reference: true }} Item
 * @type {{ text: string, items: Item[] }[]}
 */
export const SIDEBAR = [
  {
    text: 'Start',
    items: [
      'index.md',
      'demo.md',
      'guides/first-page.md',
      { from: 'README.md', page: 'overview.md', text: 'Overview' },
    ],
  },
  {
    text: 'Frameworks',
    items: [
      'react.md',
      'guides/nextjs.md',
      'guides/vue.md',
      'guides/svelte.md',
      'ai-sdk.md',
      'prompt-api.md',
      'guides/extension.md',
    ],
  },
  {
    text: 'Running it',
    items: [
      'guides/bundlers.md',
      'entries.md',
      'support.md',
      'guides/headers.md',
      'guides/workers-and-memory.md',
      'guides/phones.md',
      'guides/offline.md',
      'cli.md',
    ],
  },
  {
    text: 'Models',
    items: [
      'models.md',
      'hub.md',
      'guides/hosting-models.md',
      'stores.md',
      'quantized-files.md',
      'quality.md',
      { from: 'demo/models/tiny-stories/README.md', page: 'tiny-stories.md' },
    ],
  },
  {
    text: 'Text',
    items: ['chat.md', 'guides/sessions.md', 'forms.md', 'sampling.md', 'search.md', 'tokenizers.md'],
  },
  { text: 'Reference', items: ['api.md', { reference: true }, 'guides/errors.md', 'guides/versions.md'] },
  {
    text: 'How it works',
    items: [
      'how-it-works/index.md',
      'how-it-works/prefill-and-decode.md',
      'how-it-works/cache.md',
      'how-it-works/sampling.md',
      'how-it-works/quantisation.md',
      'how-it-works/determinism.md',
      'how-it-works/speed.md',
    ],
  },
  { text: 'Figures', items: ['figures.md', { from: 'bench/results.md', page: 'results.md' }] },
  {
    text: 'Project',
    items: [
      { from: 'CONTRIBUTING.md', page: 'contributing.md' },
      'architecture.md',
      'adding-a-model.md',
      'adding-a-kernel.md',
      { folder: 'decisions', text: 'Decisions' },
      { from: 'SECURITY.md', page: 'security.md' },
      { from: 'CHANGELOG.md', page: 'changelog.md' },
    ],
  },
];
