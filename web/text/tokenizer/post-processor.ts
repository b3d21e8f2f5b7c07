import { isObject, shown } from '../../base/json.js';
import { damaged, flattenSequence, JsonPart, typeOf } from './json-part.js';
import type { StepBudget } from './step-budget.js';

/** A part of what becomes of a text's ids: the ids themselves, or those of special tokens. */
type Piece = 'text' | readonly number[];

/** Templates of published tokenizers have up to 5 pieces, and the text once. */
const MAX_PIECES = 64;
const MAX_TEXTS = 4;
const MAX_SPECIAL_IDS = 256;

type Make = (part: JsonPart, idOf: (token: string) => number | undefined) => Piece[] | null;

const POST_PROCESSORS: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['TemplateProcessing', makeTemplate],
  ['ByteLevel', () => null], // tells where tokens stand in the text, nothing more
  ['BertProcessing', makeFrame],
  ['RobertaProcessing', makeFrame],
]);

/** Puts special tokens around a text's ids. */
export class PostProcessor {
  readonly #steps: Piece[][];

  /**
   * @param json tokenizer.json's post_processor, or null.
   * @param idOf Of tokens.
   */
  constructor(json: unknown, idOf: (token: string) => number | undefined) {
    const parts = flattenSequence(json, 'post_processor', 'processors');
    const steps = parts.map((part) => typeOf(part, POST_PROCESSORS)(part, idOf));
    this.#steps = steps.filter((pieces) => pieces !== null);
    const nTexts = this.#steps.reduce((n, pieces) => n * countTexts(pieces), 1);
    if (nTexts > MAX_TEXTS) throw damaged(`post_processor writes each text ${nTexts} times`);
  }

  /** @param addsSpecialTokens Whether they are put there, or only what else the file asks for. */
  apply(ids: number[], addsSpecialTokens: boolean, budget: StepBudget): number[] {
    let processed = ids;
    for (const pieces of this.#steps) {
      const parts = pieces.map((piece) => {
        if (piece === 'text') return processed;
        return addsSpecialTokens ? piece : [];
      });
      processed = parts.length === 1 && pieces[0] === 'text' ? processed : parts.flat();
      budget.spend(processed.length);
    }
    return processed;
  }
}

function countTexts(pieces: readonly Piece[]): number {
  return pieces.filter((piece) => piece === 'text').length;
}

function makeTemplate(part: JsonPart, idOf: (token: string) => number | undefined): Piece[] {
  const template = part.list('single');
  if (template.length > MAX_PIECES) throw part.bad('single', `should have at most ${MAX_PIECES} pieces`);
  const specialTokens = part.get('special_tokens');
  return template.map((json, i) => {
    const path = `${part.path}.single[${i}]`;
    const piece = new JsonPart(json, path);
    if (piece.has('Sequence')) {
      const sequence = new JsonPart(piece.get('Sequence'), `${path}.Sequence`);
      if (sequence.choice('id', ['A', 'B']) === 'B') throw sequence.bad('id', 'there is no second text');
      return 'text';
    }
    const name = new JsonPart(piece.get('SpecialToken'), `${path}.SpecialToken`).text('id');
    const listed = isObject(specialTokens) && Object.hasOwn(specialTokens, name) ? specialTokens[name] : null;
    const ids = isObject(listed) ? listed.ids : [idOf(name)];
    if (!Array.isArray(ids) || ids.length > MAX_SPECIAL_IDS || !ids.every(isId)) {
      throw damaged(`${path} names the special token ${shown(name)}, which has no ids`);
    }
    return ids;
  });
}

/** BERT's and RoBERTa's: a token before the text and one behind it. */
function makeFrame(part: JsonPart): Piece[] {
  const idsOf = (key: string): number[] => {
    const [, id] = part.list(key);
    if (!isId(id)) throw part.bad(key, 'should be a token and its id');
    return [id];
  };
  return [idsOf('cls'), 'text', idsOf('sep')];
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
}
