// Errors of loading and of looking at a model, as the visitor who chose it understands them. The library's messages are
// for programmers: what they say is told again in other words, by the kind of the fault.

import { PageProblem } from '../parts/problems.js';
import { hubName } from './hub-address.js';
import { KINDS } from './problem-kinds.js';

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
  if (code === 'network') return unreachable(message, name, origin);
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
  if (code === 'network') return unreachable(message, hubName, 'hub');
  if (code === 'file-not-found' && /no revision/.test(message))
    return new PageProblem('no-model', `What stands behind the @ is no version of the model: ${name}.`);
  if (code === 'file-not-found') return new PageProblem('not-a-model', withoutTries(message));
  return error;
}

/** @param {string} who does not answer, or answers with an error */
function unreachable(message, who, origin) {
  const status = /HTTP (\d{3})/.exec(message)?.[1];
  if (status !== undefined)
    return new PageProblem('network', `${who} answers with an error, number ${status}.`);
  if (origin === 'hub') return new PageProblem('network', `${who} does not answer.`);
  if (origin === 'address') return new PageProblem('no-answer', `Nothing comes from ${who}.`);
  return new PageProblem('network', `${who} could not be fetched to its end.`);
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
