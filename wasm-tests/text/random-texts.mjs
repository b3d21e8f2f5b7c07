// The same texts as tools/fixtures/random_texts.py makes: change both.

const PARTS = [
  'the',
  ' world',
  "don't",
  "I'LL",
  " it's",
  "'S",
  ' ',
  '  ',
  '   ',
  '        ',
  '\n',
  '\n\n',
  '\n\n\n',
  '\r\n',
  '\t',
  '\t\t',
  '1',
  '12',
  '1234',
  '12345678',
  '0.5',
  '$100',
  '-7',
  '２０',
  '½',
  '²',
  'Ⅷ',
  '٣٤٥',
  'é',
  'e\u0301',
  'ÀÉ',
  'Été',
  'naïve',
  'ﬁ',
  'ß',
  'İ',
  'ı',
  'ǅ',
  'ʰ',
  'наука',
  'МОСКВА',
  'Ωmega',
  'العربية',
  'हिन्दी',
  'ไทย',
  '日本語',
  '漢字かな交じり',
  '한국어',
  ' 的',
  '的 ',
  '。',
  '、',
  '，',
  '！',
  '“quoted”',
  '’s',
  '…',
  '👍🏽',
  '👩\u200D👩\u200D👧',
  '🇩🇪',
  '☃',
  '𝖍𝖊',
  '\u0301',
  '\u200D',
  '\u00A0',
  '\u3000',
  '\u2028',
  '\u0085',
  '\uFEFF',
  '\u00AD',
  '\u0000',
  '\u0007',
  '\uFFFD',
  '!',
  '...',
  ' -',
  '--',
  '/',
  '_',
  '#',
  '@user',
  '{}[]()',
  '^~`|',
  'a+b=c',
  '"x',
  '\\n',
  'camelCase',
  'HTTPServer',
  'snake_case',
  'WORLD',
  'ab ab',
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  '                                        ',
  'for (int i = 0; i < n; ++i) {',
  'def f(x):\n    return x',
  '<div class="a">',
  'http://a.b/c?d=e&f',
  '<s>',
  '</s>',
  '<unk>',
  '<|endoftext|>',
  '<fim_prefix>',
  '<|user|>',
  '<0x41>',
  '\u2581',
  '\u2581\u2581',
];

/** What letters that stand alone are taken of: assigned for long in Unicode. */
const RANGES = [
  [0x20, 0x7e],
  [0x20, 0x7e],
  [0xa1, 0x17f],
  [0x391, 0x3a1],
  [0x410, 0x44f],
  [0x5d0, 0x5ea],
  [0x904, 0x939],
  [0x3041, 0x3096],
  [0x4e00, 0x9fa5],
  [0xac00, 0xd7a3],
  [0x2190, 0x21ff],
  [0x1f600, 0x1f64f],
];

/** Mulberry32. */
export function makeRandom(seed) {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

/** @param {readonly string[]} moreParts What texts are put together of beside those above. */
export function* randomTexts(count, seed, moreParts = []) {
  const parts = [...PARTS, ...moreParts];
  const random = makeRandom(seed);
  for (let i = 0; i < count; i++) {
    let text = '';
    for (let left = 1 + random(12); left > 0; left--) {
      if (random(6) > 0) text += parts[random(parts.length)];
      else {
        const [least, most] = RANGES[random(RANGES.length)];
        text += String.fromCodePoint(least + random(most - least + 1));
      }
    }
    yield text;
  }
}

/** Tokens in a row; those of bytes, where there are some, only as whole characters: else it is a matter of taste. */
export function* randomIds(count, seed, nTokens, firstByte) {
  const random = makeRandom(seed);
  const isByte = (token) => firstByte !== null && token >= firstByte && token < firstByte + 256;
  for (let i = 0; i < count; i++) {
    const ids = [];
    for (let left = 1 + random(12); left > 0; left--) {
      const [least, most] = RANGES[random(RANGES.length)];
      const character = String.fromCodePoint(least + random(most - least + 1));
      const token = random(nTokens);
      if (!isByte(token)) ids.push(token);
      else for (const byte of new TextEncoder().encode(character)) ids.push(firstByte + byte);
    }
    yield ids;
  }
}

/** FNV-1a of ids as text. */
export function hashOfIds(lists) {
  let hash = 0x811c9dc5;
  for (const ids of lists) {
    for (const character of `${ids.join(',')};`)
      hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}
