// Errors of loading and of looking at a model, as the visitor who chose it understands them. The library's messages are
// for programmers: what they say is told again in other words, by the kind of the fault.

import { PageProblem } from '../parts/problems.js';
import { hubName } from './hub-address.js';

/**
 * Each kind: the library's code, what its message holds, the page's code, and its words.
 *
 * @type {[string, RegExp, string, (about: { file: string, match: RegExpExecArray, name: string }) => string][]}
 */
const KINDS = [
  ['bad-file', /a page \(HTML/, 'a-page', ({ file }) => `${file} holds a page of the web.`],
  ['bad-file', /pointer of Git LFS/, 'a-pointer', ({ file }) => `${file} is a note of a few lines.`],
  [
    'bad-file',
    /zip archive|pickle/,
    'other-form',
    ({ file }) => `${file} is an archive or a program’s own data.`,
  ],
  ['bad-file', /compressed with/, 'compressed', ({ file }) => `${file} is compressed.`],
  ['bad-file', /(?:has|holds|\() ?0 bytes/, 'cut-short', ({ file }) => `${file} is empty.`],
  ['bad-file', /truncated|the file has \d+ bytes/, 'cut-short', ({ file }) => `${file} ends too early.`],
  ['bad-file', /not valid JSON/, 'bad-file', ({ file }) => `${file} cannot be read: download it again.`],
  ['bad-file', /it begins with/, 'not-its-name', ({ file }) => `${file} does not hold what its name says.`],
  ['bad-option', /got \d+ models \((.+?)\):/, 'several-models', ({ match }) => `You gave ${match[1]}.`],
  [
    'bad-option',
    /two of the given files could be .+?: (.+?)\. /,
    'several-models',
    ({ match }) => `You gave ${match[1]}.`,
  ],
  [
    'unsupported-model',
    /(?:model_type|architecture)\w* (?:is|names|says) "([^"]+)"/,
    'unsupported-model',
    ({ match }) => `It is of the kind “${match[1]}”.`,
  ],
  [
    'unsupported-model',
    /names null/,
    'unsupported-model',
    ({ file }) => `${file} does not say what kind of model it is.`,
  ],
  ['out-of-memory', /./, 'out-of-memory', ({ name }) => `${name} takes more than the browser gives a page.`],
  [
    'unsupported-environment',
    /no SIMD|has no WebAssembly|relaxed SIMD/,
    'old-browser',
    () => 'It lacks a part that models compute with: WebAssembly with SIMD.',
  ],
  [
    'unsupported-environment',
    /worker did not start|cannot be loaded/,
    'no-worker',
    () => 'The part of the page that computes did not come or was kept from running.',
  ],
];

/**
 * What an error means for the visitor.
 *
 * @param {unknown} error
 * @param {{ name: string, origin?: 'hub' | 'address' }} choice what was to be loaded
 */
export function problemOf(error, { name, origin }) {
  if (typeof error?.code !== 'string') return error;
  const { code, message } = error;
  for (const [ofCode, pattern, kind, words] of KINDS) {
    const match = code === ofCode ? pattern.exec(message) : null;
    if (match !== null && kind === 'no-worker' && !navigator.onLine)
      return new PageProblem('offline', 'A part of this page is not kept here yet.');
    if (match !== null) return new PageProblem(kind, words({ file: fileOf(message) ?? name, match, name }));
  }
  if (code === 'network' && !navigator.onLine)
    return new PageProblem('offline', `${name} is not here as a whole.`);
  if (origin === 'hub') return ofHub(error, name);
  if (origin === 'address' && code === 'file-not-found' && /\.gguf$/i.test(name))
    return new PageProblem('no-file', `${name} leads to nothing.`);
  if (origin === 'address' && code === 'file-not-found')
    return new PageProblem('not-a-model', withoutTries(message));
  if (origin === 'address' && code === 'network' && /no answer|nobody|fetch/i.test(message))
    return new PageProblem('no-answer', `Nothing comes from ${name}.`);
  if (code === 'file-not-found') return missingFile(message);
  return error;
}

function ofHub(error, name) {
  const { code, message } = error;
  if (code === 'access-denied' && /no model/.test(message))
    return new PageProblem('no-model', `${hubName} has no model ${name}, or it is private.`);
  if (code === 'access-denied' && /taken down/.test(message))
    return new PageProblem('taken-down', `${hubName} gives ${name} to nobody any more.`);
  if (code === 'access-denied' || (code === 'network' && /HTTP 40[13]/.test(message)))
    return new PageProblem(
      'only-members',
      `${name} is given out only to those who have accepted its conditions.`,
    );
  if (code === 'network' && /HTTP 429/.test(message))
    return new PageProblem('busy', `${hubName} asks to wait.`);
  if (code === 'file-not-found' && /no revision/.test(message))
    return new PageProblem('no-model', `What stands behind the @ is no version of the model: ${name}.`);
  if (code === 'file-not-found') return new PageProblem('not-a-model', withoutTries(message));
  return error;
}

/** Of files that were chosen: what is missing, and what there is. */
function missingFile(message) {
  const given = /among the \d+ given files \((.+?)\)/.exec(message)?.[1];
  const missing = /^the model has no weights/.test(message)
    ? 'the model’s weights: model.safetensors, or its parts with their list'
    : (fileOf(message) ?? 'a file');
  return new PageProblem(
    'file-not-found',
    `What is missing is ${missing}.${given ? ` You gave ${given}.` : ''}`,
  );
}

/** Files of which none can belong to a model, by their names. */
export function notOfModel(files, folder) {
  if (files.length === 0)
    return new PageProblem('none-of-model', folder ? `The folder ${folder} has none.` : '');
  const [{ name }] = files;
  const others = files.length > 1 ? ` and ${files.length - 1} more` : '';
  if (/\.(bin|ckpt|pkl|pt|pth|zip)$/i.test(name))
    return new PageProblem('other-form', `${name}${others} is an archive or a program’s own data.`);
  if (/\.(gz|bz2|xz|zst|7z|rar|tar|tgz)$/i.test(name))
    return new PageProblem('compressed', `${name}${others} is compressed.`);
  return new PageProblem('none-of-model', `None of these files can belong to a model: ${name}${others}.`);
}

/** The file that a message begins with. */
const fileOf = (message) =>
  /^((?:(?! is | \(|: ).)+?\.(?:gguf|json|safetensors|jinja|txt))(?=[ :,(])/i
    .exec(message)?.[1]
    .split('/')
    .at(-1);

/** Which addresses were tried is for programmers. */
const withoutTries = (message) => message.split(/: no (?=\S+ (?:at|among))/)[0].split(/[;:] https?:/)[0];
