import { AnswerParser } from '../../build/web/text/answer/answer-parser.js';

/** A text as tokens: the special ones among it are pieces of their own. */
export function tokensOf(text, specials = []) {
  const escaped = specials.map((special) => special.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  if (escaped.length === 0) return [{ text, isSpecial: false }];
  return text
    .split(new RegExp(`(${escaped.join('|')})`))
    .filter((piece) => piece !== '')
    .map((piece) => ({ text: piece, isSpecial: specials.includes(piece) }));
}

/** The tool that examples call. */
export const F = { name: 'f', parameters: {} };

/** The parts of an answer, where text in pieces is joined: so they do not depend on how it came. */
export function partsOf(format, tokens, { specials = [], tools: hasTools = true, prompt = '' } = {}) {
  const tools = hasTools ? [F] : [];
  const parser = new AnswerParser(format, { tools, prompt, specialTokens: new Set(specials) });
  const parts = tokens.flatMap(({ text, isSpecial }) => parser.push(text, isSpecial));
  parts.push(...parser.finish());
  const joined = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const isPlain = part.kind !== 'tool-call' && !('reason' in part);
    if (isPlain && last?.kind === part.kind && !('reason' in last)) last.text += part.text;
    else joined.push(part);
  }
  return joined;
}

/** Text tokens split as `cut` says: it gives the length of the next piece. */
export function split(tokens, cut) {
  return tokens.flatMap(({ text, isSpecial }) => {
    if (isSpecial) return [{ text, isSpecial }];
    const pieces = [];
    for (let at = 0; at < text.length; ) {
      const length = cut();
      pieces.push({ text: text.slice(at, at + length), isSpecial });
      at += length;
    }
    return pieces;
  });
}

export const calls = (parts) =>
  parts.filter(({ kind }) => kind === 'tool-call').map(({ toolCall }) => toolCall);
export const content = (parts, kind) =>
  parts
    .filter((part) => part.kind === kind)
    .map(({ text }) => text)
    .join('');
