// What pages and programs of projects are made of.

/** A page that runs main.js. */
export const page = ({ script = './main.js', head = '' } = {}) => `<!doctype html>
<meta charset="utf-8">
<title>A page of a user</title>
<link rel="icon" href="data:,">
${head}
<script type="module" src="${script}"></script>
`;

/**
 * A page's program, as a module: it leaves its outcome where the test asks for it. How many threads it wants stands in its
 * address.
 *
 * @param {object} [options]
 * @param {string} [options.entry] what LanguageModel is imported from
 * @param {string} [options.source] the model, as an expression
 * @param {string} [options.imports] more imports, for `source` and `options`
 * @param {string} [options.options] more options of `load`, as the members of an object
 */
export const pageProgram = ({
  entry = 'sotto',
  imports = "import tinyStories from 'sotto-tiny-stories';",
  source = 'tinyStories',
  options = '',
  story = './story.js',
} = {}) => `import { LanguageModel } from '${entry}';
${imports}
import { tell } from '${story}';
const threads = Number(new URLSearchParams(location.search).get('threads') ?? 1);
globalThis.outcome = tell(() => LanguageModel.load(${source}, { threads${options && `, ${options}`} }));
`;

/** The program of a page that takes the model from a folder beside it, for tools that leave the files of packages behind. */
export const folderProgram = (options = {}) =>
  pageProgram({ imports: '', source: "new URL('./model/', document.baseURI)", ...options });

/** The same, with a worker of the page's own. */
export const workerProgram = () =>
  folderProgram({
    options: "worker: new Worker(new URL('./worker.js', document.baseURI), { type: 'module' })",
  });

/** A program that prints its outcome, as a module for runtimes without a page. */
export const printingProgram = ({ entry = 'sotto', options = '{}' } = {}) => `
import { LanguageModel } from '${entry}';
import tinyStories from 'sotto-tiny-stories';
import { tell } from './story.js';
console.log(JSON.stringify(await tell(() => LanguageModel.load(tinyStories, ${options}))));
`;
