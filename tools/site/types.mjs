// What TypeDoc reads of the types that the package ships, and how it writes them.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '../lib/console.mjs';
import { inRepository } from '../lib/folders.mjs';

/** What the reference says of an entry of package.json, by its name there; those that export the same have no pages. */
const ENTRIES = {
  '.': {
    words:
      'Models, what they are asked, and what they answer. `sotto/inline` and `sotto/edge` export the same for other places (docs/entries.md).',
  },
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
  if (unknown !== undefined) throw new UserError(`types.mjs: ${unknown[0]} needs words`);
  return scripts
    .filter(([name]) => ENTRIES[name].sameAs === undefined)
    .map(([name, { types }]) => ({
      name: `sotto${name.slice(1)}`,
      file: inRepository(types),
      source: types.replace('./dist/types/', 'web/').replace('.d.ts', '.ts'),
      words: ENTRIES[name].words,
    }));
}

/** Names that are for consoles. */
function removeTags(project, { Accessor }) {
  for (const reflection of project.getReflectionsByKind(Accessor))
    if (reflection.name === '[toStringTag]') project.removeReflection(reflection);
}

/** What nobody asks for: where a member was inherited from, and what options are put together from. */
function forgetDetails(project, { All, Interface }) {
  for (const reflection of project.getReflectionsByKind(All)) {
    for (const key of ['inheritedFrom', 'overwrites', 'implementationOf']) delete reflection[key];
    if (reflection.kind === Interface) delete reflection.typeHierarchy;
  }
}

/**
 * Reads the types.
 *
 * @param {string} folder for the configuration
 * @param {string} out for the pages in Markdown, which `application.generateOutputs(project)` writes
 * @param {string} tools as `siteTools` gives it
 * @throws {UserError} where TypeDoc warns of anything
 */
export async function convertTypes(folder, out, tools) {
  const require = createRequire(join(tools, 'package.json'));
  const typedoc = await import(pathToFileURL(require.resolve('typedoc')).href);
  const { Application, Comment, Converter, LogLevel, ReflectionKind } = typedoc;
  const modules = await entries();
  const files = modules.map(({ file }) => file);
  const tsconfig = join(folder, 'reference.tsconfig.json');
  await writeFile(tsconfig, JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files }));
  const application = await Application.bootstrapWithPlugins({
    entryPoints: files,
    tsconfig,
    out,
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
  application.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) =>
    removeTags(project, ReflectionKind),
  );
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
  forgetDetails(project, ReflectionKind);
  application.validate(project);
  if (application.logger.hasWarnings() || application.logger.hasErrors())
    throw new UserError('TypeDoc has something to say of the types: see above.');
  return { application, project, modules };
}
