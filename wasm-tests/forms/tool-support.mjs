// Chats of models that know nothing: answers of any tokens that a form lets through, read by the parser of answers.
import { Forms } from '../../build/web/forms/forms.js';
import { answerForm } from '../../build/web/forms/tool-calls/tool-form.js';
import { AnswerParser } from '../../build/web/text/answer/answer-parser.js';
import { ChatFormat } from '../../build/web/text/chat/chat-format.js';
import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { byteLevelJson } from '../text/tiny-tokenizers.mjs';
import { idsOf } from './random-model.mjs';

/** Tokens of several bytes, some of which go over the end of a part. */
const MERGES = [
  ['"', ':'],
  ['":', 'Ġ'],
  ['Ġ', '"'],
  ['}', '}'],
  ['}', 'Ċ'],
  ['>', 'Ċ'],
  ['<', '/'],
  ['"', ','],
  ['g', 'e'],
  ['ge', 't'],
  ['(', ')'],
  [')', ']'],
];
const END = '<|im_end|>';

/** @param isSpecial Whether the markers are special tokens, or tokens that are text elsewhere. */
export function makeTokenizer(markers, isSpecial) {
  const json = byteLevelJson(MERGES);
  const base = 256 + MERGES.length;
  const added = [
    { content: END, special: true },
    ...markers.map((content) => ({ content, special: isSpecial })),
  ];
  json.added_tokens = added.map((token, i) => ({ id: base + i, normalized: false, ...token }));
  return Tokenizer.create(json);
}

export function makeChat(
  template,
  { markers = [], isSpecial = true, prompt = 'assistant\n', tokenizer } = {},
) {
  const used = tokenizer ?? makeTokenizer(markers, isSpecial);
  const format = new ChatFormat(template, used);
  const end = [...used.addedTokens].find(([, { content }]) => content === END)[0];
  const vocabSize = Math.max(...used.addedTokens.keys()) + 8;
  const forms = new Forms(used, vocabSize);
  const answers = {
    answers: format.answers,
    template,
    markers: format.markers,
    prompt,
    vocabSize,
    endTokenIds: [end],
    bytesOf: (id) => used.bytesWithin(id),
    tokenOf: (text) => {
      const ids = used.encode(text, { isContinuation: true, literal: true });
      return ids.length === 1 ? ids[0] : null;
    },
    compile: (grammar) =>
      forms.compileGrammar(JSON.stringify([...grammar.rules]), () => grammar, {
        endTokenIds: [end],
        name: 'tools',
      }),
  };
  return { answers, format, tokenizer: used, forms, end, prompt };
}

export function formOf(chat, tools, choice, form = null) {
  return answerForm(chat.answers, { tools, choice, form });
}

/** What an answer is, token by token. */
export function partsOf(chat, ids, tools) {
  const { format, tokenizer, prompt } = chat;
  const specialTokens = new Set(format.markers.values());
  const parser = new AnswerParser(format.answers, { tools, prompt, specialTokens });
  const parts = [];
  let bytes = [];
  const flush = () => {
    parts.push(...parser.push(new TextDecoder().decode(Uint8Array.from(bytes))));
    bytes = [];
  };
  for (const id of ids) {
    const marker = format.markers.get(id);
    if (marker === undefined) bytes.push(...tokenizer.bytesWithin(id));
    else {
      flush();
      parts.push(...parser.push(marker, true));
    }
  }
  flush();
  parts.push(...parser.finish());
  return parts;
}

const CLOSERS = [
  '</parameter>',
  '</think>',
  '</arg_value>',
  '[/THINK]',
  '[BEGIN FINAL RESPONSE]',
  '</seed:think>',
];

/**
 * Tokens by chance, with a liking for what ends something: else texts would hardly ever end.
 *
 * @param begin Tokens that come first.
 */
export async function answerByChance(chat, form, random, { begin = [], mostTokens = 2500 } = {}) {
  const constraint = await form.start();
  const { tokenizer, end, format } = chat;
  const liked = new Set([
    end,
    ...format.markers.keys(),
    ...tokenizer.encode('"}])', { isContinuation: true }),
  ]);
  const ids = [];
  let spelled = [];
  const pick = (allowed) => {
    if (spelled.length > 0 && allowed.includes(spelled[0])) return spelled.shift();
    spelled = [];
    if (random() < 0.04) {
      const closer = CLOSERS[Math.floor(random() * CLOSERS.length)];
      spelled = tokenizer.encode(closer, { isContinuation: true });
      if (allowed.includes(spelled[0])) return spelled.shift();
      spelled = [];
    }
    const likes = random() < 0.3 ? allowed.filter((id) => liked.has(id)) : [];
    const from = likes.length > 0 ? likes : allowed;
    return from[Math.floor(random() * from.length)];
  };
  let nForced = 0;
  while (ids.length < mostTokens && ids.at(-1) !== end) {
    const mask = await constraint.mask();
    const all = () => Array.from({ length: chat.answers.vocabSize - 7 }, (_, id) => id);
    const allowed = mask === null ? all() : idsOf(mask);
    const [forced] = constraint.forced();
    if (forced !== undefined) {
      nForced++;
      if (allowed.length !== 1 || allowed[0] !== forced) throw new Error(`${forced} is forced of ${allowed}`);
    }
    if (allowed.length === 0) throw new Error(`nothing fits after ${JSON.stringify(shown(chat, ids))}`);
    const id = ids.length < begin.length ? begin[ids.length] : pick(allowed);
    if (!allowed.includes(id))
      throw new Error(`${id} may not come after ${JSON.stringify(shown(chat, ids))}`);
    // Back and forth, and on a fork, the same comes out.
    if (random() < 0.05 && ids.length > 3) {
      const count = 1 + Math.floor(random() * 3);
      constraint.rollback(count);
      for (const again of ids.slice(-count)) {
        await constraint.mask();
        if (!constraint.accept(again)) throw new Error(`${again} does not come again`);
      }
      const fork = await constraint.fork();
      const same = idsOf((await fork.mask()) ?? new Uint32Array(0)).join();
      const own = idsOf((await constraint.mask()) ?? new Uint32Array(0)).join();
      if (same !== own) throw new Error('a fork allows something else');
      fork.rollback(count);
      await fork.mask();
      fork.dispose();
    }
    if (!constraint.accept(id)) {
      throw new Error(`${id} is in the mask and not accepted after ${JSON.stringify(shown(chat, ids))}`);
    }
    ids.push(id);
  }
  constraint.dispose();
  const isComplete = ids.at(-1) === end;
  return { ids: isComplete ? ids.slice(0, -1) : ids, isComplete, nForced };
}

export function shown({ format, tokenizer }, ids) {
  return ids
    .map((id) => format.markers.get(id) ?? Buffer.from(tokenizer.bytesWithin(id)).toString('latin1'))
    .join('');
}
