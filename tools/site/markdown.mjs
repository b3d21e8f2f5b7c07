// What can be read off a document in Markdown, and its links changed.
import { posix } from 'node:path';

/** Blocks of code, spans of code, and links: what stands in code is no link. */
const PARTS =
  /^([ \t]*)(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1\2[ \t]*$|(`+)(?!`)[\s\S]*?[^`]\3(?!`)|(!?)\[((?:[^[\]`]|`[^`]*`|\[[^\]]*\])*)\]\(\s*([^)\s]+)\s*\)/gm;

/**
 * A document with other links.
 *
 * @param {string} text
 * @param {(link: { target: string, label: string, isPicture: boolean }) => string} write what takes a link's place
 */
export const withLinks = (text, write) =>
  text.replaceAll(PARTS, (all, _indent, _fence, _ticks, mark, label, target) =>
    target === undefined ? all : write({ target, label: withLinks(label, write), isPicture: mark === '!' }),
  );

/** The text of the first heading of the first order. */
export function titleOf(text) {
  const [, title] = /^# (.+)$/m.exec(text) ?? [];
  if (title === undefined) throw new Error(`no title: ${text.slice(0, 80)}`);
  return title.replaceAll('`', '').replaceAll('\\', '');
}

/** Markdown without its marks. */
const plain = (text) =>
  text
    .replaceAll(/!\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\*\*|`|\\(?=[<>_[\]|*])/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** The first sentences of a document, its lists as well, up to about so many letters; '' where it has none. */
export function summaryOf(text, most = 200) {
  const prose = text
    .replaceAll(/^([ \t]*)(`{3,})[\s\S]*?^\1\2[ \t]*$/gm, '')
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .map((block) =>
      block
        .replace(/^#.*\n?/, '')
        .replace(/^- /, '')
        .replace(/^\*\*\w+\.\*\* /, ''),
    )
    .find((block) => block !== '' && !/^(#|\||!\[|\d+\. |>|<|\*\*\*|---)/.test(block));
  if (prose === undefined) return '';
  const sentences = plain(prose).split(/(?<=[.:!?]) (?=\p{Lu})/u);
  let summary = sentences[0];
  for (const sentence of sentences.slice(1)) {
    if (summary.length + sentence.length > most) break;
    summary += ` ${sentence}`;
  }
  return summary.replace(/:$/, '.');
}

/** The address of one page from another, both below one folder. */
export const relativeLink = (from, to) => posix.relative(posix.dirname(from), to) || posix.basename(to);
