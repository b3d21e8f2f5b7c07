import { makeRandom } from '../../text/random-texts.mjs';
import { parseRange } from './range.mjs';

/** What comes in place of an answer. */
const ANSWERS = new Set([
  'status', // { status, retryAfter?, rateLimitT?, code?, message?, headers? }; the latter two are in seconds
  'reset', // the connection ends before any header
  'hang', // nothing comes, not even a header
  'json-error', // 200 with {"error"}
  'html', // 200 with a page
  'redirect-loop', // counts once for all its redirects
  '416', // whatever the range
  'case', // 404, as if the file were spelt in other letters
  'expired', // 403 of the CDN, as if the signature were too old
]);

/** What happens to the body of an answer. All numbers of bytes that are `offset`, `begin`, `end` count from the file's begin. */
const BODIES = new Set([
  'cut', // { after } bytes of this body the connection ends
  'stall', // { after } bytes of this body nothing comes any more
  'slow', // { rate } in bytes per second
  'flip', // { offset, mask = 1 }
  'zero', // { begin, end }
  'short', // { length, isChunked = false }: a body of that many bytes that says no more of itself
  'wrong-total', // { total, shift = 0 } in Content-Range
  'ignores-range', // 200 with everything
  'gzip', // 200, compressed, without a length
]);

/** 'move': before the answer `revision` ('main') of the repository comes to hold `files`. */
const EFFECTS = new Set(['move']);

const KINDS = new Set([...ANSWERS, ...BODIES, ...EFFECTS]);

const NEED_RANGE = new Set(['wrong-total', 'ignores-range', '416']);

/** The routes whose body is a file. */
const FILE_ROUTES = new Set(['cdn', 'resolve-cache', 'direct', 'static']);

/** The random faults after which another try gets further; 'stall', 'hang', 'slow' and 'case' are asked for by name. */
export const PASSING = [
  'status',
  'reset',
  'json-error',
  'html',
  'redirect-loop',
  '416',
  'expired',
  'cut',
  'flip',
  'zero',
  'short',
  'wrong-total',
  'ignores-range',
  'gzip',
];

const PASSING_STATUS = [408, 429, 500, 502, 503, 504];

const LOOP = 'redirect-loop';

/** Which requests go wrong, and how. */
export class Faults {
  #rules = [];
  #streams = [];

  /**
   * Adds a fault. The first of the faults that match a request and replace its answer is taken, else all that change
   * its body are.
   *
   * @param fault.kind See above; the kind's parameters stand beside it.
   * @param fault.path The file's path in the repository, or a RegExp of the request's URL; any request without it.
   * @param fault.on The route, or a list: 'resolve', 'resolve-cache', 'cdn', 'direct' (a resolve that answers with
   * the bytes), 'raw', 'tree', 'info', 'static'. Without it those that send files, for faults of bodies, else all.
   * @param fault.repo Of the repository with this id alone.
   * @param fault.where (entry of the log) => whether it matches, beside all else.
   * @param fault.times How often; once without it, always with Infinity.
   * @param fault.skip How many matches pass before.
   * @returns The fault: `hits` counts, `remove()` ends it.
   */
  add(fault) {
    if (!KINDS.has(fault.kind)) throw new Error(`There is no fault '${fault.kind}'.`);
    const rule = { times: 1, skip: 0, ...fault, hits: 0, passed: 0 };
    rule.remove = () => {
      this.#rules = this.#rules.filter((one) => one !== rule);
    };
    this.#rules.push(rule);
    return rule;
  }

  /**
   * Lets any request go wrong, with parameters that fit it. The same seed gives the same faults to the same requests.
   *
   * @param probability For every request, of either origin.
   * @param options.kinds Of faults; PASSING without it.
   * @param options.where (entry of the log) => whether the request may go wrong.
   * @returns `{ counts, remove() }`, counts by kind.
   */
  addRandom(seed, probability, { kinds = PASSING, where = () => true } = {}) {
    const stream = { draw: makeRandom(seed), probability, kinds, where, counts: {} };
    stream.remove = () => {
      this.#streams = this.#streams.filter((one) => one !== stream);
    };
    this.#streams.push(stream);
    return stream;
  }

  clear() {
    this.#rules = [];
    this.#streams = [];
  }

  /** The faults of this request; they are counted. */
  take(exchange) {
    if (exchange.request.method === 'OPTIONS') return [];
    if (exchange.url.searchParams.has(LOOP)) return [{ kind: LOOP }]; // the loop that has begun
    const taken = [];
    for (const rule of this.#rules) {
      if (rule.hits >= rule.times || !matches(rule, exchange)) continue;
      if (taken.some(({ kind }) => BODIES.has(kind)) && ANSWERS.has(rule.kind)) continue;
      if (rule.passed++ < rule.skip) continue;
      rule.hits++;
      taken.push(rule);
      if (ANSWERS.has(rule.kind)) break;
    }
    if (taken.length > 0) return taken;
    for (const stream of this.#streams) {
      const fault = drawFault(stream, exchange);
      if (fault === null) continue;
      stream.counts[fault.kind] = (stream.counts[fault.kind] ?? 0) + 1;
      return [fault];
    }
    return [];
  }
}

/** Whether a fault of this kind can happen to a request. */
function canHappen(kind, { request, route }) {
  if (BODIES.has(kind) && request.method !== 'GET') return false;
  if (NEED_RANGE.has(kind) && request.headers.range === undefined) return false;
  if (kind === 'expired') return route.kind === 'cdn';
  return kind !== 'case' || (route.path ?? '') !== '';
}

function matches(rule, exchange) {
  const { route, entry } = exchange;
  const { kind, path, on, repo, where } = rule;
  if (!canHappen(kind, exchange)) return false;
  if (on !== undefined ? ![on].flat().includes(route.kind) : BODIES.has(kind) && !FILE_ROUTES.has(route.kind))
    return false;
  if (path instanceof RegExp ? !path.test(entry.path) : path !== undefined && path !== route.path)
    return false;
  return (repo === undefined || repo === route.id) && (where === undefined || where(entry));
}

/** Draws once or more whatever comes of it, so that one fault more or less does not change the probability. */
function drawFault({ draw, probability, kinds, where }, exchange) {
  const happens = draw(2 ** 24) < probability * 2 ** 24;
  if (!happens || !where(exchange.entry)) return null;
  const { file, request, route } = exchange;
  const range = file === null ? null : (parseRange(request.headers.range, file.size) ?? null);
  const { begin, end } =
    range === null || range === 'unsatisfiable' ? { begin: 0, end: file?.size ?? 0 } : range;
  const fitting = kinds.filter(
    (kind) =>
      canHappen(kind, exchange) && (!BODIES.has(kind) || (FILE_ROUTES.has(route.kind) && end > begin)),
  );
  if (fitting.length === 0) return null;
  const kind = fitting[draw(fitting.length)];
  return { kind, ...parametersOf(kind, draw, begin, end, file?.size ?? 0) };
}

function parametersOf(kind, draw, begin, end, size) {
  const length = end - begin;
  const inside = () => begin + draw(length);
  switch (kind) {
    case 'status': {
      const status = PASSING_STATUS[draw(PASSING_STATUS.length)];
      return status === 429 ? { status, rateLimitT: 0, retryAfter: 0 } : { status };
    }
    case 'cut':
    case 'stall':
      return { after: draw(length) };
    case 'short':
      return { length: draw(length), isChunked: draw(2) === 1 };
    case 'slow':
      return { rate: length * (10 + draw(90)) }; // a tenth of a second at most
    case 'flip':
      return { offset: inside(), mask: 1 << draw(8) };
    case 'zero': {
      const first = inside();
      return { begin: first, end: first + 1 + draw(end - first) };
    }
    case 'wrong-total':
      return draw(2) === 0 ? { total: size + 1 + draw(1000) } : { shift: 1 + draw(1000) };
    default:
      return {};
  }
}
