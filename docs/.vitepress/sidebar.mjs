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
    items: ['index.md', { from: 'README.md', page: 'overview.md', text: 'Overview' }],
  },
  { text: 'Frameworks', items: ['react.md', 'ai-sdk.md', 'prompt-api.md'] },
  { text: 'Running it', items: ['entries.md', 'support.md', 'cli.md'] },
  {
    text: 'Models',
    items: [
      'models.md',
      'hub.md',
      'stores.md',
      'quantized-files.md',
      'quality.md',
      { from: 'demo/models/tiny-stories/README.md', page: 'tiny-stories.md' },
    ],
  },
  { text: 'Text', items: ['chat.md', 'forms.md', 'sampling.md', 'search.md', 'tokenizers.md'] },
  { text: 'Reference', items: ['api.md', { reference: true }] },
  { text: 'How it works', items: [] },
  { text: 'Figures', items: [{ from: 'bench/results.md', page: 'results.md' }] },
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
].filter(({ items }) => items.length > 0);
