// A share link: what its fragment says, and how it is read. Nothing of it is sent to a server.

/** The most characters of a prompt: many places cut longer links. */
export const MOST_CHARACTERS = 2000;

const VERSION = '1';
const MODES = ['write', 'chat', 'compare', 'beams'];
const number = (least, most) => (text) => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return value >= least && value <= most ? value : undefined;
};
const text = (value) => (value.length <= MOST_CHARACTERS && !value.includes('\uFFFD') ? value : undefined);

/** What a link can have, by its names: how each is read; undefined where that makes no sense. */
const FIELDS = {
  mode: (value) => (MODES.includes(value) ? value : undefined),
  model: (value) => (value !== '' ? text(value) : undefined),
  prompt: text,
  seed: number(0, Number.MAX_SAFE_INTEGER),
  temperature: number(0, 5),
  topK: number(0, 1000),
  topP: number(0, 1),
  maxNewTokens: number(1, 1e6),
  stop: text,
  one: side,
  two: side,
  numBeams: number(2, 6),
  steps: number(2, 24),
  text: (value) => (/^[0-9a-f]{8}$/.test(value) ? value : undefined),
};

/** A side of a comparison: "0.4,10,0.8", or "0" where the likeliest is always taken. */
function side(value) {
  const [temperature, topK, topP, ...more] = value.split(',');
  const read = { temperature: FIELDS.temperature(temperature) };
  if (topK !== undefined) read.topK = FIELDS.topK(topK);
  if (topK !== undefined) read.topP = FIELDS.topP(topP ?? '');
  return more.length > 0 || Object.values(read).includes(undefined) ? undefined : read;
}

/** How a side of a comparison is written. */
export const sideText = ({ temperature, topK, topP }) =>
  topK === undefined ? String(temperature) : [temperature, topK, topP].join(',');

/** A short hash of a text: FNV-1a of its UTF-16 units, as 8 hexadecimal digits. */
export function shortHash(words) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/**
 * @param {Record<string, unknown>} state by the names of FIELDS; what is undefined is left out
 * @returns {string} a fragment, with its own hash at the end: links are cut on their way
 */
export function fragmentOf(state) {
  const given = Object.entries(state).filter(([, value]) => value !== undefined);
  const words = new URLSearchParams([['v', VERSION], ...given]).toString();
  return `${words}&sum=${shortHash(words)}`;
}

/**
 * @param {string} hash of an address
 * @returns {{ state: object, isWhole: boolean } | null} null where it is no share link. `isWhole` false: the link was cut or
 *   changed, and `state` has what can be read of it
 */
export function readLink(hash) {
  const words = hash.replace(/^#/, '');
  const given = new URLSearchParams(words);
  if (!given.has('v')) return null;
  const [, before, sum] = /^(.*)&sum=([0-9a-f]*)$/s.exec(words) ?? [];
  let isWhole = given.get('v') === VERSION && sum !== undefined && sum === shortHash(before);
  const state = {};
  for (const [name, read] of Object.entries(FIELDS)) {
    if (!given.has(name)) continue;
    state[name] = read(given.get(name));
    if (state[name] === undefined) isWhole = false;
  }
  return { state, isWhole };
}
