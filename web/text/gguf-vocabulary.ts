import type { JsonObject } from '../base/json.js';
import type { Metadata } from '../base/metadata.js';
import { quoted } from '../base/quoted.js';
import { mergesOf } from './gguf/merges.js';
import { damaged, MetadataReader, unsupported } from './gguf/metadata-reader.js';
import { GGUF_PRE_TOKENIZERS, type GgufPreTokenizer } from './gguf/pre-tokenizers.js';
import {
  BYTES,
  endTemplate,
  FIRST_SPACE,
  hasInnerSpace,
  isolated,
  SPACE,
  sequence,
  textDecoder,
  WITHOUT_EXTRA_SPACES,
} from './gguf/steps.js';
import {
  addedTokens,
  BYTE,
  CONTROL,
  type GgufTokens,
  isOutside,
  NORMAL,
  readTokens,
  UNKNOWN,
} from './gguf/tokens.js';

export { readGgufEndTokenIds } from './gguf/end-tokens.js';

/** A tokenizer as Tokenizer.create takes it: what tokenizer.json and tokenizer_config.json would have. */
export interface GgufTokenizerFiles {
  json: JsonObject;
  config: JsonObject;
}

/** What SentencePiece numbers its first tokens, where a file does not say. */
const SENTENCE_PIECE_IDS = { bos: 1, eos: 2 };

/**
 * The tokenizer that a GGUF file's metadata holds, under `tokenizer.ggml.`
 * (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, and what llama.cpp's converter writes and reads).
 *
 * Byte-level BPE (`gpt2`), where `pre` names the way to split words; SentencePiece's BPE by scores (`llama`); BPE of text
 * with U+2581 for spaces (`gemma4`).
 *
 * @returns Null where there is none.
 * @throws SottoError 'bad-file' for a vocabulary that is damaged, 'unsupported-tokenizer' for one of another kind.
 */
export function readGgufVocabulary(metadata: Metadata): GgufTokenizerFiles | null {
  const reader = new MetadataReader(metadata);
  const model = reader.text('model');
  if (model === undefined) {
    if (reader.get('tokens') === undefined) return null;
    throw reader.bad('model', 'should say of what kind the tokens are');
  }
  if (model === 'no_vocab' || model === 'none') return null;
  if (model === 'llama') return new Vocabulary(reader, modelNameOf(metadata)).byScores();
  if (model === 'gpt2' || model === 'gemma4') {
    const pre = model === 'gemma4' ? model : (reader.text('pre') ?? 'default');
    const preTokenizer = GGUF_PRE_TOKENIZERS.get(pre);
    if (preTokenizer !== undefined)
      return new Vocabulary(reader, modelNameOf(metadata)).byMerges(preTokenizer);
    throw unsupported(
      `tokenizer.ggml.pre is ${quoted(pre)}, a way to split texts into words that is not known. Known are: ` +
        Array.from(GGUF_PRE_TOKENIZERS.keys()).join(', '),
    );
  }
  throw unsupported(`tokenizer.ggml.model is ${quoted(model)}; only gpt2, llama and gemma4 are known`);
}

function modelNameOf(metadata: Metadata): string {
  const name = metadata.get('general.name');
  return typeof name === 'string' ? name : '';
}

class Vocabulary {
  readonly #reader: MetadataReader;
  readonly #modelName: string;
  readonly #tokens: GgufTokens;

  constructor(reader: MetadataReader, modelName: string) {
    this.#reader = reader;
    this.#modelName = modelName;
    this.#tokens = readTokens(reader);
  }

  /** SentencePiece's: the kind is called `llama`. */
  byScores(): GgufTokenizerFiles {
    const { texts, types } = this.#tokens;
    const scores = this.#reader.numbers('scores', texts.length);
    if (scores === undefined) throw this.#reader.bad('scores', 'should have a number for each token');
    for (let id = 0; id < texts.length; id++) {
      if (Number.isNaN(scores[id])) throw damaged(`tokenizer.ggml.scores[${id}] is no number`);
    }
    const firstUnknown = types.indexOf(UNKNOWN);
    const unk =
      this.#reader.id('unknown_token_id', texts.length) ?? (firstUnknown < 0 ? undefined : firstUnknown);
    const addsSpace = this.#reader.flag('add_space_prefix') ?? true;
    const byteIds = this.#byteIds();
    if (byteIds === null && unk === undefined) {
      throw damaged(
        'tokenizer.ggml.tokens has neither tokens for bytes (<0x00> to <0xFF>) nor one for what is unknown ' +
          '(tokenizer.ggml.unknown_token_id)',
      );
    }
    const vocab = this.#vocab();
    const hasWords = !vocab.some((token) => token !== null && hasInnerSpace(token));
    return this.#files({
      model: { type: 'ScoredBPE', vocab, scores, byte_ids: byteIds, unk_id: unk ?? null },
      normalizer: sequence('normalizers', [
        ...(this.#reader.flag('remove_extra_whitespaces') === true ? WITHOUT_EXTRA_SPACES : []),
        ...(addsSpace ? [FIRST_SPACE] : []),
        { type: 'Replace', pattern: { String: ' ' }, content: SPACE },
      ]),
      // No merge goes across the beginning of a word: each alone gives the same, and is remembered.
      pre_tokenizer: hasWords ? isolated(`${SPACE}*[^${SPACE}]+`) : null,
      decoder: textDecoder(addsSpace),
      addsBos: true,
      ids: this.#namedIds({ ...this.#sentencePieceIds(), unk }),
    });
  }

  /** By merges: `gpt2` with bytes, `gemma4` with text. */
  byMerges(preTokenizer: GgufPreTokenizer): GgufTokenizerFiles {
    const {
      isRaw = false,
      patterns,
      ignoresMerges = false,
      addsBos = false,
      stripsBeforeGap = false,
    } = preTokenizer;
    const vocab = this.#vocab();
    const ids = this.#namedIds({});
    if (isRaw) this.#byteIds(); // all, or none
    const unk = ids.unk === undefined ? {} : { unk_token: this.#tokens.texts[ids.unk] };
    const raw = isRaw ? { byte_fallback: true, fuse_unk: true, ...unk } : {};
    const splits = patterns.map(isolated);
    return this.#files({
      model: {
        type: 'BPE',
        vocab,
        merges: mergesOf(this.#reader, vocab),
        ignore_merges: ignoresMerges,
        ...raw,
      },
      normalizer: isRaw ? { type: 'Replace', pattern: { String: ' ' }, content: SPACE } : null,
      pre_tokenizer: sequence('pretokenizers', isRaw ? splits : [...splits, BYTES]),
      decoder: isRaw ? textDecoder(false) : { type: 'ByteLevel' },
      addsBos,
      stripsBeforeGap,
      ids,
    });
  }

  #files({ addsBos, stripsBeforeGap = false, ids, ...json }: FilesParts): GgufTokenizerFiles {
    const { texts } = this.#tokens;
    const textOf = (id: number | undefined) => (id === undefined ? undefined : texts[id]);
    // A name that implies a begin token does not ask for one that is not there; the file's own flag does.
    const implied = addsBos === true && ids.bos !== undefined;
    const bos = addsBos === 'always' || (this.#reader.flag('add_bos_token') ?? implied);
    if (bos && !textOf(ids.bos)) {
      throw this.#reader.bad('bos_token_id', 'texts should begin with that token, which should have a name');
    }
    const eos = this.#reader.flag('add_eos_token') ?? false;
    if (eos && ids.eos === undefined) {
      throw this.#reader.bad('eos_token_id', 'texts should end with that token');
    }
    const named = new Set(Object.values(ids).filter((id) => id !== undefined));
    return {
      json: {
        ...json,
        added_tokens: addedTokens(this.#tokens, named, {
          modelName: this.#modelName,
          stripsBeforeGap,
        }),
        post_processor: eos ? endTemplate(ids.eos as number) : null,
      },
      config: {
        add_bos_token: bos,
        bos_token: textOf(ids.bos),
        eos_token: textOf(ids.eos),
        unk_token: textOf(ids.unk),
        pad_token: textOf(ids.pad),
      },
    };
  }

  /** Tokens by id, null for those that no text is merged to. */
  #vocab(): (string | null)[] {
    return this.#tokens.texts.map((text, id) => (isOutside(this.#tokens, id) ? null : text));
  }

  #namedIds(absent: NamedIds): NamedIds {
    const id = (key: string, otherwise: number | undefined) =>
      this.#reader.id(key, this.#tokens.texts.length) ?? otherwise;
    return {
      bos: id('bos_token_id', absent.bos),
      eos: id('eos_token_id', absent.eos),
      unk: id('unknown_token_id', absent.unk),
      pad: id('padding_token_id', absent.pad),
    };
  }

  #sentencePieceIds(): NamedIds {
    const { types } = this.#tokens;
    const ifControl = (id: number) => (types[id] === CONTROL ? id : undefined);
    return { bos: ifControl(SENTENCE_PIECE_IDS.bos), eos: ifControl(SENTENCE_PIECE_IDS.eos) };
  }

  /** The ids of `<0x00>` to `<0xFF>`; null where there is none of them. */
  #byteIds(): number[] | null {
    const { texts, types } = this.#tokens;
    const ids: number[] = [];
    texts.forEach((text, id) => {
      const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(text)?.[1];
      if (byte !== undefined && (types[id] === BYTE || types[id] === NORMAL))
        ids[Number.parseInt(byte, 16)] = id;
    });
    if (ids.length === 0) return null;
    for (let byte = 0; byte < 256; byte++) {
      if (ids[byte] !== undefined) continue;
      const name = byte.toString(16).toUpperCase().padStart(2, '0');
      throw damaged(`tokenizer.ggml.tokens has tokens for bytes, and none for one of them, <0x${name}>`);
    }
    return ids;
  }
}

interface NamedIds {
  bos?: number | undefined;
  eos?: number | undefined;
  unk?: number | undefined;
  pad?: number | undefined;
}

interface FilesParts {
  model: JsonObject;
  normalizer: JsonObject | null;
  pre_tokenizer: JsonObject | null;
  decoder: JsonObject;
  /** Whether texts begin with the begin token where the file does not say. */
  addsBos: boolean | 'always';
  stripsBeforeGap?: boolean;
  ids: NamedIds;
}
