// Who may know whom: the rules of src/ and web/, over the lines that include and import.
import { posix } from 'node:path';

/** What each folder of src/ may include, besides itself. Standard headers are free. */
const CPP_FOLDERS = {
  base: [],
  tensor: ['base'],
  kernels: ['base', 'tensor'],
  model: ['base', 'tensor', 'kernels'],
  sampling: ['base', 'tensor', 'kernels'],
  engine: ['base', 'tensor', 'kernels', 'model', 'sampling'],
  bindings: ['base', 'tensor', 'kernels', 'model', 'sampling', 'engine'],
};

/** Headers of others, and where alone they may be included. */
const CPP_HEADERS = [
  { header: /^(xnnpack|pthreadpool)/, only: /^src\/kernels\/linear\/xnnpack\.cc$/ },
  { header: /^emscripten/, only: /^src\/bindings\// },
];

/**
 * What each folder of web/ may import, besides itself. `types` may be imported as types only. `vendor` and `wasm` are
 * generated beside the sources.
 */
const WEB_FOLDERS = {
  base: { may: [] },
  results: { may: ['base'] },
  options: { may: ['base', 'results'], types: ['stores'] },
  architectures: { may: ['base', 'results'], types: ['options'] },
  formats: { may: ['base', 'results'] },
  sources: { may: ['base', 'results', 'options'] },
  stores: { may: ['base', 'results', 'options'] },
  text: { may: ['base', 'results', 'vendor'] },
  forms: { may: ['base', 'results', 'options', 'vendor'], types: ['text'] },
  engine: { may: ['base', 'results', 'options', 'vendor', 'wasm'], types: ['architectures'] },
  generation: {
    may: ['base', 'results', 'options', 'text', 'forms', 'engine', 'architectures'],
    types: ['protocol'],
  },
  loading: {
    may: [
      'base',
      'results',
      'options',
      'sources',
      'stores',
      'formats',
      'text',
      'architectures',
      'engine',
      'vendor',
    ],
    types: ['protocol'],
  },
  protocol: { may: ['base', 'results'], types: ['options', 'sources', 'stores'] },
  worker: { may: ['base', 'results', 'options', 'protocol', 'loading', 'generation', 'engine'] },
  page: { may: ['base', 'results', 'options', 'sources', 'stores', 'protocol', 'worker'] },
  adapters: { may: ['base', 'results', 'options', 'page'], types: ['sources'] },
  cli: {
    may: ['base', 'results', 'options', 'sources', 'stores', 'architectures', 'loading', 'page'],
  },
};

/** The page's side hands work to the worker, so it must not bring the engine along with itself. */
const PAGE_ENTRY = 'web/index.ts';

/** What exports the same, bundled otherwise (tools/build/bundle.mjs). */
const OTHER_ENTRIES = ['web/inline.ts', 'web/edge.ts'];

const NOT_ON_THE_PAGE = [
  'architectures',
  'formats',
  'text',
  'engine',
  'generation',
  'loading',
  'wasm',
  'adapters',
  'cli',
];

/** The folder of web/ that a path lies in; null for the entries beside them. */
function webFolder(path) {
  return [PAGE_ENTRY, ...OTHER_ENTRIES].includes(path) ? null : path.split('/')[1];
}

/** The import and re-export lines of a TypeScript file. */
function* importsOf(path, text) {
  const statement = /^\s*(?:import|export)\s+(?:(type\s)?([^'";]*?)\sfrom\s+)?'([^']+)'/gm;
  const dynamic = /\bimport\(\s*'([^']+)'\s*\)/g;
  const resolved = (specifier) => posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts');
  for (const [, type, names, specifier] of text.matchAll(statement)) {
    if (!specifier.startsWith('.')) continue;
    const isType =
      type !== undefined || (names !== undefined && /^\{(\s*type\s[^,}]*,?)+\s*\}$/.test(names.trim()));
    yield { target: resolved(specifier), isType, isDynamic: false };
  }
  for (const [, specifier] of text.matchAll(dynamic)) {
    if (specifier.startsWith('.')) yield { target: resolved(specifier), isType: false, isDynamic: true };
  }
}

function* cppViolations(path, text) {
  const folder = path.split('/')[1];
  for (const [, quote, header] of text.matchAll(/^\s*#\s*include\s*([<"])([^>"]+)[>"]/gm)) {
    const rule = CPP_HEADERS.find((candidate) => candidate.header.test(header));
    if (rule && !rule.only.test(path)) yield `${path} includes ${header}, which only ${rule.only.source} may`;
    if (quote === '<') continue;
    const target = header.split('/')[0];
    if (!(folder in CPP_FOLDERS)) yield `${path} is in a folder that has no place in the order of layers`;
    else if (target !== folder && !CPP_FOLDERS[folder].includes(target))
      yield `${path} includes ${header}: ${folder} may not know ${target}`;
  }
}

function* webViolations(path, text) {
  const folder = webFolder(path);
  if (folder === null || folder === 'vendor') return;
  const rule = WEB_FOLDERS[folder];
  if (rule === undefined) {
    yield `${path} has no place in the order of layers`;
    return;
  }
  for (const { target, isType } of importsOf(path, text)) {
    const other = webFolder(target);
    if (other === folder || rule.may.includes(other) || (isType && rule.types?.includes(other))) continue;
    yield `${path} imports ${target}: ${folder} may not know ${other}${rule.types?.includes(other) ? ', but for its types' : ''}`;
  }
}

/** What the page loads before it starts a worker: everything that index.ts imports, directly or not, other than types. */
function* pageViolations(files) {
  const reached = new Set();
  const visit = function* (path) {
    if (reached.has(path) || !files.has(path)) return;
    reached.add(path);
    for (const { target, isType, isDynamic } of importsOf(path, files.get(path))) {
      if (isType || isDynamic) continue;
      if (NOT_ON_THE_PAGE.includes(webFolder(target)))
        yield `the page's side loads ${target}, through ${path}`;
      yield* visit(target);
    }
  };
  yield* visit(PAGE_ENTRY);
}

function* entryViolations(path, text) {
  const code = text
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    .replace(/export\s+(type\s+)?(\{[^}]*\}|\*)\s*from\s*'[^']+';/g, '');
  if (code.trim() !== '') yield `${path} has more than exports: ${code.trim().split('\n')[0]}`;
}

/**
 * Everything that breaks a rule.
 *
 * @param {Map<string, string>} files texts of src/ and web/ by their path
 * @returns {string[]} one sentence each
 */
export function layerViolations(files) {
  const found = [PAGE_ENTRY, ...OTHER_ENTRIES].flatMap((path) => [
    ...entryViolations(path, files.get(path) ?? ''),
  ]);
  found.push(...pageViolations(files));
  for (const [path, text] of files) {
    if (/^src\/.*\.(cc|h|inc)$/.test(path)) found.push(...cppViolations(path, text));
    if (/^web\/.*\.ts$/.test(path)) found.push(...webViolations(path, text));
  }
  return found;
}
