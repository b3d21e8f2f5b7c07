// What sotto uses of @huggingface/tokenizers, whose ES module the build puts here as tokenizers.js.

/** A token that tokenizer.json adds to the model's vocabulary. */
export interface AddedToken {
  content: string;
  id: number;
  special: boolean;
}

export class PreTokenizer {
  private readonly isPreTokenizer: true;
}

export class ByteLevelPreTokenizer extends PreTokenizer {
  /** What `use_regex` splits by. */
  pattern: RegExp;
}

export class SequencePreTokenizer extends PreTokenizer {
  tokenizers: (PreTokenizer | null)[];
}

export class Tokenizer {
  /** @throws Error for contents that it does not know. */
  constructor(tokenizer: object, config: object);
  pre_tokenizer: PreTokenizer | null;
  encode(text: string, options?: { add_special_tokens?: boolean }): { ids: number[] };
  /** @throws Error for an empty list and for ids outside the vocabulary. */
  decode(
    ids: number[],
    options?: { skip_special_tokens?: boolean; clean_up_tokenization_spaces?: boolean },
  ): string;
  id_to_token(id: number): string | undefined;
  token_to_id(token: string): number | undefined;
  get_added_tokens_decoder(): Map<number, AddedToken>;
}
