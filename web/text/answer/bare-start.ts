export type BareKind = 'json' | 'pythonic';

/** What a call in JSON begins with, without white space. */
const JSON_STARTS = ['{"name"', '{"function"', '{"parameters"', '{"arguments"', '{"type"'];
const LIST = /^\[[\p{L}_][\p{L}\p{N}_.-]*\($/u;
const LIST_START = /^\[(?:[\p{L}_][\p{L}\p{N}_.-]*)?$/u;
const TOOL_CALL = /^[A-Za-z_]\w*\.call\($/;
const TOOL_CALL_START = /^[A-Za-z_]\w*(?:\.(?:c(?:a(?:ll?)?)?)?)?$/;
/** More than a name is; so much is held back at most. */
const MAX_LENGTH = 128;

/** Decides by the first characters whether a call stands here without any marker. */
export class BareStart {
  /** All that has come, which is held back. */
  text = '';
  readonly #isTagged: boolean;
  readonly #separator: string;
  #compact = '';

  /**
   * @param isTagged Whether a tag says that code follows, which may be `tool.call(…)` too.
   * @param separator What may stand before it.
   */
  constructor(isTagged: boolean, separator = '') {
    this.#isTagged = isTagged;
    this.#separator = separator;
  }

  /** What begins here; null while that is open. */
  push(character: string): BareKind | 'text' | null {
    this.text += character;
    if (/\s/.test(character)) return this.text.length < MAX_LENGTH ? null : 'text';
    if (this.#compact === '' && character === this.#separator) {
      this.text = this.text.slice(0, -1);
      return null;
    }
    this.#compact += character;
    const start = this.#compact;
    if (JSON_STARTS.includes(start)) return 'json';
    if (LIST.test(start) || (this.#isTagged && TOOL_CALL.test(start))) return 'pythonic';
    const mayBeCall =
      JSON_STARTS.some((json) => json.startsWith(start)) ||
      LIST_START.test(start) ||
      (this.#isTagged && TOOL_CALL_START.test(start));
    return mayBeCall && this.text.length < MAX_LENGTH ? null : 'text';
  }
}
