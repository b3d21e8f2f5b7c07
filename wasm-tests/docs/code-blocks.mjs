// The blocks of code in a document.
import { textOf } from '../project/repository.mjs';

/**
 * @typedef {object} CodeBlock
 * @property {string} path the document
 * @property {number} line its first line of code, from 1
 * @property {string} language what stands behind the fence; '' where nothing does
 * @property {string} file the name of the file that it is, or what tells it from others, where the fence has one behind the
 *   language; else ''
 * @property {string} heading the text of the heading that it stands under; '' before the first
 * @property {string} code
 */

/**
 * All blocks of a document, in order.
 *
 * @param {string} path from the repository's root
 * @param {string} [text] in place of the file's
 * @returns {CodeBlock[]}
 */
export function codeBlocks(path, text = textOf(path)) {
  const blocks = [];
  let heading = '';
  let open = null;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^\s*```(\w*) ?([\w./-]*)/.exec(line);
    if (open !== null && fence !== null) {
      blocks.push({ ...open, code: `${open.code.join('\n')}\n` });
      open = null;
    } else if (open !== null) {
      open.code.push(line);
    } else if (fence !== null) {
      open = { path, line: index + 2, language: fence[1], file: fence[2], heading, code: [] };
    } else {
      heading = /^#+ (.*)/.exec(line)?.[1] ?? heading;
    }
  }
  if (open !== null) throw new Error(`${path}:${open.line - 1}: the block has no end`);
  return blocks;
}

/**
 * The blocks of a document by name: a file's name, or heading, language and number among those of the two. Drawings,
 * which have no language, are none.
 *
 * @param {string} path from the repository's root
 * @returns {Map<string, CodeBlock>}
 */
export function namedBlocks(path) {
  const named = new Map();
  for (const block of codeBlocks(path)) {
    const { language, file, heading } = block;
    if (language === '') continue;
    const kind = `${heading} ${language}`;
    const number = 1 + [...named.keys()].filter((name) => name.startsWith(`${kind} `)).length;
    const name = file === '' ? `${kind} ${number}` : file;
    if (named.has(name)) throw new Error(`${path}:${block.line}: a second block is named ${name}`);
    named.set(name, block);
  }
  return named;
}
