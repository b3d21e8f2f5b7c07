/*
 * How tokenizers split texts into words before they look for tokens, as regular expressions in the way of writing of
 * tokenizer.json. Each is the one that the named model's own tokenizer.json has, where that is published.
 */

/** How words are written; what differs from one tokenizer to the next. */
interface WordOptions {
  /** One word after the sign or space that may stand before it. */
  letters: string;
  digits: string;
  /** What a run of signs is, with the line ends behind it. */
  signs?: string;
  /** English endings are words of their own. */
  endings?: string;
}

const ENDINGS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const SIGNS = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*`;
const LINES_AND_SPACES = String.raw`\s*[\r\n]+|\s+(?!\S)|\s+`;

function words({ letters, digits, signs = SIGNS, endings }: WordOptions): string {
  const parts = [letters, digits, signs, LINES_AND_SPACES];
  return (endings === undefined ? parts : [endings, ...parts]).join('|');
}

/** Words that change from small letters to capitals are two. */
function casedWords(capital: string, small: string, ending: string): string {
  const before = String.raw`[^\r\n\p{L}\p{N}]?`;
  return `${before}${capital}*${small}+${ending}|${before}${capital}+${small}*${ending}`;
}

const LETTERS = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const CAPITAL = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const SMALL = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const SIGNS_WITH_SLASH = String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]*`;

export const GPT_2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

export const DIGIT = String.raw`\p{N}`;
export const DIGITS = String.raw`\p{N}+`;
export const DIGITS_3 = String.raw`\p{N}{1,3}`;
export const ASCII_DIGITS_3 = '[0-9][0-9][0-9]';
/** Threes from the right. */
export const GROUPED_DIGITS = String.raw`(?=(\d{3})+(?!\d))`;
export const GROUPED_DIGITS_OF_WORD = String.raw`\d{1,3}(?=(?:\d{3})*\b)`;
export const GROUPED_NUMBERS = String.raw`\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))`;

export const LLAMA_3 = words({ letters: LETTERS, digits: DIGITS_3, endings: ENDINGS });
export const QWEN_2 = words({ letters: LETTERS, digits: DIGIT, endings: ENDINGS });
export const MINICPM_5 = words({ letters: LETTERS, digits: DIGITS, endings: ENDINGS });
export const UFAKZEKA = words({ letters: LETTERS, digits: DIGIT });
export const QWEN_3_5 = words({
  letters: String.raw`[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+`,
  digits: DIGIT,
  signs: String.raw` ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*`,
  endings: ENDINGS,
});
export const K2_HORIZON = words({
  letters: String.raw`[^\r\n\p{L}\p{N}]?[\p{L}\p{M}\u200C\u200D]+`,
  digits: DIGITS_3,
  endings: ENDINGS,
});
export const SEED_CODER = words({
  letters: LETTERS,
  digits: DIGIT,
  signs: String.raw` ?[^\s\p{L}\p{N}\r\n]+`,
  endings: ENDINGS,
});
const ONE_LINE_AND_SPACES = String.raw`\s*[\r\n]|\s+(?!\S)|\s+`;
export const BAILING_MOE = `'(?i:[sdmt]|ll|ve|re)|${LETTERS}|${DIGIT}|${SIGNS}|${ONE_LINE_AND_SPACES}`;
export const EXAONE_MOE = [
  ENDINGS,
  String.raw`[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+`,
  DIGIT,
  String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]?`,
  ONE_LINE_AND_SPACES,
].join('|');
export const JAIS_2 = [
  ENDINGS,
  LETTERS,
  DIGITS_3,
  SIGNS,
  String.raw`\s*[\r\n]+`,
  ...[512, 256, 128, 64, 32, 16, 8, 4].map((n) => String.raw`\s{${n}}(?!\S)`),
  String.raw`\s{1,2}(?!\S)|\s{1}`,
].join('|');

export const O200K = words({
  letters: casedWords(CAPITAL, SMALL, `${ENDINGS}?`),
  digits: DIGITS_3,
  signs: SIGNS_WITH_SLASH,
});
export const YOUTU_WORDS = words({
  letters: casedWords(CAPITAL, SMALL, `${ENDINGS}?`),
  digits: DIGIT,
  signs: SIGNS_WITH_SLASH,
});
export const TEKKEN = words({
  letters: casedWords(CAPITAL, SMALL, ''),
  digits: DIGIT,
  signs: SIGNS_WITH_SLASH,
});
export const KIMI_K2 = [
  String.raw`\p{Han}+`,
  casedWords(String.raw`(?:(?!\p{Han})${CAPITAL})`, String.raw`(?:(?!\p{Han})${SMALL})`, `${ENDINGS}?`),
  DIGITS_3,
  SIGNS,
  LINES_AND_SPACES,
].join('|');

export const FALCON_SIGNS = '[\\p{P}\\$\\+<=>\\^~\\|`]+';
export const DEFAULT_SIGNS = String.raw`[\p{P}\$\+<=>\^~\|]+`;
export const ASCII_SIGN = '[\\p{P}!-/:-@\\[-`{-~]';

/** Up to a space or the end of a sentence. */
export const BLOOM = String.raw` ?[^(\s|.,!?\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C)]+`;

export const LINE_END = '[\r\n]';
export const CJK = String.raw`[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+`;
export const CJK_AND_KANA = String.raw`[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+`;
export const YOUTU_CJK = [
  String.raw`[\uAC00-\uD7A3\u3131-\u318E]+`,
  String.raw`[\uFF01\u2026\u201C\u201D\u2018\u2019\u2014\uFF1A\uFF1B\uFF0C\u3001-\u303F\uFE30-\uFE4F]+`,
  String.raw`[\u3105-\u312F]+`,
  CJK_AND_KANA,
].join('|');
export const ASIAN_SCRIPTS = `[${[
  String.raw`\u4E00-\u9FFF\u3400-\u4DBF\uF900-\uFAFF\u3040-\u309F\u30A0-\u30FF\uFF65-\uFF9F\u2F00-\u2FDF`,
  String.raw`\u0E40-\u0E7F\u0E80-\u0EFF\u1780-\u17FF\u1000-\u109F\uAA60-\uAA7F\uA9E0-\uA9FF\uAC00-\uD7AF`,
  String.raw`\u1100-\u11FF`,
].join('')}]+`;

const SIGN_BEFORE_LETTERS = '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+';
const WORD_OR_SIGNS = String.raw`[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+`;
export const DEEPSEEK_V3_WORDS = `${SIGN_BEFORE_LETTERS}|${WORD_OR_SIGNS}[\\r\\n]*|${LINES_AND_SPACES}`;

export const DEEPSEEK_LETTERS = String.raw`\s?\p{L}+`;
export const DEEPSEEK_SIGNS = String.raw`\s?\p{P}+`;
export const SPACES_AT_END = String.raw`\s+(?![\s\S])`;
export const DEEPSEEK_LLM_SIGNS = String.raw`\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+`;
/** The letters of alphabets that have small letters and capitals. */
export const DEEPSEEK_LLM_LETTERS = String.raw`\s?[${[
  String.raw`A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF`,
  String.raw`\u0370-\u0373\u0376\u0377\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5`,
  String.raw`\u03F7-\u0481\u048A-\u052F\u0531-\u0556\u10A0-\u10C5\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA`,
  String.raw`\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45`,
  String.raw`\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4\u1FB6-\u1FBC\u1FBE`,
  String.raw`\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC`,
  String.raw`\u2102\u2107\u210A-\u2113\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139`,
  String.raw`\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB-\u2CEE\u2CF2\u2CF3`,
  String.raw`\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E\uAB70-\uABBF\uFB00-\uFB06`,
  String.raw`\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A\u{10400}-\u{1044F}\u{104B0}-\u{104D3}\u{104D8}-\u{104FB}`,
  String.raw`\u{10C80}-\u{10CB2}\u{10CC0}-\u{10CF2}\u{118A0}-\u{118DF}\u{1E900}-\u{1E943}`,
].join('')}]+`;

export const SENTINEL = '<sentinel:[0-9]+>';
export const CHAMELEON_IMAGE = '(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z';
export const CHAMELEON_SPACES = String.raw`([\t\n]|    |  )`;
