// The code that does what the page does now, with the library.

import { SOTTO, TINY_STORIES } from './addresses.js';
import { literal, quote } from './literal.js';

/**
 * What the page does.
 *
 * @typedef {{ choice: { name: string, source: unknown, origin?: string, isEmbedded?: boolean, options?: object },
 *   mode: 'write' | 'chat' | 'compare' | 'beams', prompt?: string | number[], options: object,
 *   settings?: object, messages?: object[] }} Doing
 */

/** The line that installs what the module imports. @param {Doing} doing */
export const installLine = ({ choice }) => `npm i sotto${choice.isEmbedded ? ' sotto-tiny-stories' : ''}`;

/** A module for a project with a bundler, or with an import map. @param {Doing} doing */
export const moduleCode = (doing) =>
  `${imports(doing, 'sotto', 'sotto-tiny-stories')}\n\n${body(doing, 'document.body')}\n`;

/** A whole page that needs nothing installed. @param {Doing} doing */
export function pageCode(doing) {
  const script = `${imports(doing, SOTTO, TINY_STORIES)}\n\n${body(doing, "document.querySelector('#text')")}`;
  return `<!doctype html>
<meta charset="utf-8">
<title>A text</title>
<style>#text { white-space: pre-wrap }</style>
<p id="text"></p>
<script type="module">
${script.replace(/^(?=.)/gm, '  ')}
</script>
`;
}

function imports({ choice }, sotto, stories) {
  const lines = [`import { LanguageModel } from '${sotto}';`];
  if (choice.isEmbedded) lines.push(`import tinyStories from '${stories}';`);
  return lines.join('\n');
}

function body(doing, place) {
  return `${loadLines(doing.choice)}\n${WRITE[doing.mode](doing, place)}`;
}

function loadLines({ name, source, origin, isEmbedded, options = {} }) {
  if (isEmbedded) return 'const model = await LanguageModel.load(tinyStories);';
  if (origin === undefined) {
    const path = `/models/${/\.gguf$/i.test(name) ? name : `${name.replace(/[^\w.-]+/g, '-')}/`}`;
    return `// The model's files have to lie on a server: this is where.\nconst model = await LanguageModel.load(${quote(path)});`;
  }
  const more = Object.keys(options).length === 0 ? '' : `, ${literal(options)}`;
  return `const model = await LanguageModel.load(${quote(String(source))}${more});`;
}

const isText = (prompt) => typeof prompt === 'string';
const pieceOf = (prompt) => (isText(prompt) ? 'piece.text' : "String(piece.tokenIds), ' '");

const WRITE = {
  write: (
    { prompt, options },
    place,
  ) => `const text = model.generate(${literal(prompt)}, ${literal(options)});
for await (const piece of text) ${place}.append(${pieceOf(prompt)});`,

  chat: ({ messages, options }, place) => `const messages = ${literal(messages)};
for await (const piece of model.chat(messages, ${literal(options)})) {
  if (piece.kind === 'text') ${place}.append(piece.text);
}`,

  compare: ({ prompt, settings }, place) => `const session = await model.createSession();
await session.append(${literal(prompt)}); // is read once

for (const options of ${literal(settings)}) {
  const branch = await session.fork();
  for await (const piece of branch.generate(options)) ${place}.append(${pieceOf(prompt)});
  ${place}.append(document.createElement('hr'));
}`,

  beams: (
    { prompt, settings },
    place,
  ) => `const { ${isText(prompt) ? 'text' : 'tokenIds'} } = await model.generate(${literal(prompt)}, ${literal(settings)}).result;
${place}.append(${isText(prompt) ? 'text' : 'String(tokenIds)'});`,
};
