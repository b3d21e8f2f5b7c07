// The pages of the API's reference, made by TypeDoc from the types that the package ships.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '../lib/console.mjs';
import { inRepository } from '../lib/folders.mjs';
import { relativeLink, summaryOf, titleOf } from './markdown.mjs';

/** The folder of these pages below the documentation. */
const FOLDER = 'reference';

/** What the reference says of an entry of package.json, by its name there; those that export the same have no pages. */
const ENTRIES = {
  '.': { words: 'Models, what they are asked, and what they answer.' },
  './inline': { sameAs: 'sotto' },
  './edge': { sameAs: 'sotto' },
  './engine': { words: 'The engine alone, without worker, files and text.' },
  './worker': {
    words:
      'The script of a worker. It exports nothing: import it in a script of your own, and give a `Worker` of that script to `LanguageModel.load`.',
  },
  './ai-sdk': { words: "A model for Vercel's AI SDK." },
  './prompt-api': { words: "The browsers' Prompt API, with your model." },
};

/** The order of the headings under which options stand; what has no group comes behind them. */
const GROUPS = [
  'When it ends',
  'What is chosen',
  'Repetition',
  'What is allowed',
  'Search and drafts',
  'How text is read',
  'The conversation',
  'Tools',
  'What comes back',
  'How it runs',
  'Which model of a hub',
  'How files are fetched',
  'Callbacks',
];

/** Behind them: the kinds of members, and of what an entry exports. */
const KIND_GROUPS = [
  ...['Constructors', 'Properties', 'Accessors', 'Methods'],
  ...['Classes', 'Functions', 'Interfaces', 'Type Aliases', 'Variables', 'References'],
];

/** Kinds whose members need no words where the name says it all, such as `usage` of a result, are not among these. */
const DOCUMENTED = [
  'Enum',
  'Variable',
  'Function',
  'Class',
  'Interface',
  'Method',
  'CallSignature',
  'TypeAlias',
];

/** The AI SDK's own types, which its specification describes. */
const NOT_EXPORTED = ['CallOptions', 'GenerateResult', 'StreamResult'];

/** How the declarations are read: as the strictest of users does. */
const COMPILER_OPTIONS = {
  target: 'ES2022',
  lib: ['ESNext', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
  types: [],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  strict: true,
  exactOptionalPropertyTypes: true,
};

/** The entries of package.json that have types of their own: the declarations and the module that they come from. */
async function entries() {
  const { exports } = JSON.parse(await readFile(inRepository('package.json'), 'utf8'));
  const scripts = Object.entries(exports).filter(([, { default: script }]) => script?.endsWith('.js'));
  const unknown = scripts.find(([name]) => ENTRIES[name] === undefined);
  if (unknown !== undefined) throw new UserError(`reference.mjs: ${unknown[0]} needs words`);
  return scripts
    .filter(([name]) => ENTRIES[name].sameAs === undefined)
    .map(([name, { types }]) => ({
      name: `sotto${name.slice(1)}`,
      file: inRepository(types),
      source: types.replace('./dist/types/', 'web/').replace('.d.ts', '.ts'),
      words: ENTRIES[name].words,
    }));
}

/** What nobody asks for: where a member was inherited from, and what options are put together from. */
function forgetAncestors(project, { All, Interface }) {
  for (const reflection of project.getReflectionsByKind(All)) {
    for (const key of ['inheritedFrom', 'overwrites', 'implementationOf']) delete reflection[key];
    if (reflection.kind === Interface) delete reflection.typeHierarchy;
  }
}

/** @param {string} folder for the configuration and the pages @param {string} tools as `siteTools` gives it */
async function convert(folder, tools) {
  const require = createRequire(join(tools, 'package.json'));
  const typedoc = await import(pathToFileURL(require.resolve('typedoc')).href);
  const { Application, Comment, LogLevel, ReflectionKind } = typedoc;
  const modules = await entries();
  const files = modules.map(({ file }) => file);
  const tsconfig = join(folder, 'reference.tsconfig.json');
  await writeFile(tsconfig, JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files }));
  const application = await Application.bootstrapWithPlugins({
    entryPoints: files,
    tsconfig,
    out: join(folder, FOLDER),
    plugin: [require.resolve('typedoc-plugin-markdown')],
    logLevel: LogLevel.Warn,
    readme: 'none',
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    sort: ['source-order'],
    groupOrder: [...GROUPS, ...KIND_GROUPS],
    validation: { invalidLink: true, notExported: true, notDocumented: true, rewrittenLink: true },
    requiredToBeDocumented: DOCUMENTED,
    intentionallyNotExported: NOT_EXPORTED,
    treatWarningsAsErrors: true,
    entryFileName: 'index',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    parametersFormat: 'table',
    pageTitleTemplates: { index: 'Reference', member: '{name}', module: '{name}' },
  });
  const project = await application.convert();
  if (project === undefined) throw new UserError('TypeDoc cannot read the types of dist/');
  for (const module of project.children) {
    const { name, words } =
      modules.find(({ file }) => file.endsWith(`dist/types/${module.name}.d.ts`)) ??
      modules.find(({ file }) => file.includes(`dist/types/${module.name}/index.d.ts`));
    module.name = name;
    module.comment = new Comment([{ kind: 'text', text: words }]);
  }
  project.children.sort((a, b) => files.indexOf(a.name) - files.indexOf(b.name));
  forgetAncestors(project, ReflectionKind);
  application.validate(project);
  if (application.logger.hasWarnings() || application.logger.hasErrors())
    throw new UserError('TypeDoc has something to say of the types: see above.');
  return { application, project, modules };
}

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
  const { application, project, modules } = await convert(folder, tools);
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
