// Calls of a model with options, callbacks and processors of all kinds: good ones, wrong ones, and those that mean harm.
import { RandomArguments } from './random-arguments.mjs';

/** What a caller's own code throws: told by its identity, or by these letters where it crossed a border. */
export const OWN = 'own trouble';
export const own = new Error(OWN);

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Bodies of logits processors: `logits` and `tokenIds` are there, and `n`, which counts the calls of the module. */
const PROCESSORS = {
  none: '',
  throwing: `if (n > 2) throw new Error('${OWN}')`,
  'throwing at once': `throw Object.assign(new TypeError('${OWN}'), { code: 'disposed' })`,
  'throwing null': 'throw null',
  'throwing undefined': 'throw undefined',
  'throwing a symbol': 'throw Symbol("s")',
  'throwing a circle': `const e = new Error('${OWN}'); e.cause = e; throw e`,
  'throwing a trap': `throw new Proxy({}, { get() { throw new Error('${OWN}') } })`,
  'a promise': 'return Promise.resolve()',
  'a promise that fails': `return Promise.reject(new Error('${OWN}'))`,
  'a promise that never ends': 'return new Promise(() => {})',
  'a then that throws': `return { get then() { throw new Error('${OWN}') } }`,
  'NaN everywhere': 'logits.fill(NaN)',
  'NaN somewhere': 'if (n > 1) logits[5] = NaN',
  'infinity everywhere': 'logits.fill(Infinity)',
  'infinity below': 'logits.fill(-Infinity)',
  'one of infinity': 'logits[3] = Infinity',
  'one token left': 'const x = logits[4]; logits.fill(-Infinity); logits[4] = x',
  'the largest numbers': 'logits.fill(3.4e38); logits[7] = -3.4e38',
  'beyond the end': 'logits[1e9] = 1; logits[-1] = 1; logits[logits.length] = NaN',
  'set beyond the end': 'logits.set([1, 2, 3], logits.length)',
  'the whole memory': 'new Uint8Array(logits.buffer).fill.call(new Uint8Array(8), 1); structuredClone(logits.buffer, { transfer: [logits.buffer] })',
  'other ids': 'tokenIds.length = 0; tokenIds.push(1e9, -1, NaN, "x")',
  'frozen ids': 'Object.freeze(tokenIds)',
  slow: 'const end = performance.now() + 25; while (performance.now() < end);',
  'keeping all': '(globalThis.kept ??= []).push(logits, tokenIds); if (kept.length > 40) kept.length = 0',
  'returning things': 'return n % 2 ? logits : { length: 5 }',
}; // biome-ignore format: a list to be read as one

const MODULES = {
  'no function': 'export default 5',
  'no default': 'export const x = 1',
  'no script': 'export default (',
  'throwing while it loads': `throw new Error('${OWN}')`,
  'a class': 'export default class X {}',
};

const BAD_ADDRESSES = [
  'data:,',
  'nowhere.mjs',
  'https://127.0.0.1:1/x.mjs',
  'x'.repeat(1000),
  '',
  'data:text/javascript,export default 1',
];

/** Random calls, and what they were for messages. */
export class RandomCalls {
  #nModules = 0;

  constructor(random, { vocabSize }) {
    this.random = random;
    this.vocabSize = vocabSize;
    this.arguments = new RandomArguments(random);
  }

  chance(share) {
    return this.random.next() < share;
  }

  processor() {
    const { random } = this;
    const [name, body] = random.pick(Object.entries(PROCESSORS));
    if (this.chance(0.1)) {
      const [kind, script] = random.pick(Object.entries(MODULES));
      return [kind, address(script, this.#nModules++)];
    }
    if (this.chance(0.05)) return ['a bad address', random.pick(BAD_ADDRESSES)];
    const script = `let n = 0; export default function (logits, tokenIds) { n++; ${body} }`;
    return [name, address(script, this.#nModules++)];
  }

  prompt() {
    const { random, vocabSize } = this;
    const ids = random.ids(random.integer(1, 12), vocabSize);
    const texts = [
      'Once upon a time',
      'the',
      ' é👍 \n',
      'a'.repeat(300),
      'Tom and Lily went to the park.',
      '\ud800',
      '\0',
    ];
    const others = [
      [],
      '',
      [vocabSize],
      [-1],
      'word '.repeat(400),
      random.ids(256, vocabSize),
      this.arguments.junk(),
    ];
    return random.next() < 0.9 ? random.pick([ids, ids, random.pick(texts)]) : random.pick(others);
  }

  /** Options and what is special about them. `generation` is set by the caller, once it is there. */
  options(handle) {
    const { random } = this;
    const notes = [];
    handle.controller = new AbortController();
    const options = {
      maxNewTokens: this.chance(0.95) ? random.integer(1, 8) : this.arguments.junk(),
      ...(this.chance(0.5) ? this.arguments.sampling() : { temperature: 0 }),
    };
    const add = (share, make) => this.chance(share) && Object.assign(options, make());
    add(0.1, () => ({ numBeams: random.integer(1, 5) }));
    add(0.05, () => ({ penaltyAlpha: 0.6, topK: 4 }));
    add(0.08, () => ({ promptLookup: { maxNgram: 2, maxDraft: random.integer(1, 64) } }));
    add(0.1, () => ({ numReturnSequences: random.integer(1, 4) }));
    add(0.1, () => ({ logprobs: random.integer(0, 5) }));
    add(0.1, () => ({
      stop: random.pick(['the', /[aeiou]{2}/, ['x', /\s/g], /(?:)/, /(a|a)*$/, '', /(?=x)/y]),
    }));
    add(0.08, () => ({ maxTime: random.pick([1, 20, 500, 0, Infinity]) }));
    add(0.1, () => ({ overflow: random.pick(['slide', 'error', 'stop', 'never']) }));
    add(0.02, () => ({ keepTokens: random.integer(0, 300) }));
    add(0.04, () => ({ [random.pick(['maxTokens', 'num_beams', '__proto__', 'onDone'])]: 1 }));
    add(0.02, () => ({
      [random.pick(['stop', 'signal', 'onToken', 'stopWhen', 'logitsProcessor'])]: this.arguments.junk(),
    }));
    add(0.25, () => {
      const [name, logitsProcessor] = this.processor();
      notes.push(`a processor: ${name}`);
      return { logitsProcessor };
    });
    for (const name of ['onToken', 'stopWhen', 'onPrefillProgress']) {
      add(0.15, () => {
        const [kind, callback] = random.pick(Object.entries(this.#callbacks(handle)));
        notes.push(`${name}: ${kind}`);
        return { [name]: callback, signal: handle.controller.signal };
      });
    }
    add(options.signal ? 0 : 0.15, () => {
      const controller = new AbortController();
      const ms = random.pick([-1, 0, 1, 5, 20]);
      if (ms < 0) controller.abort(own);
      else setTimeout(() => controller.abort(random.pick([own, undefined, null, 'x'])), ms);
      notes.push(`a signal after ${ms} ms`);
      handle.mayAbort = true;
      return { signal: controller.signal };
    });
    return [options, notes.join(', ')];
  }

  /** `handle.abort` and `handle.controller` give the call up, `handle.again` makes another one. */
  #callbacks(handle) {
    const { random } = this;
    const nFree = random.integer(0, 3);
    let n = 0;
    const after = (act) => () => (n++ < nFree ? undefined : act());
    const fail = () => {
      throw own;
    };
    const giveUp = () => {
      handle.mayAbort = true;
      handle.abort?.();
      handle.controller.abort(own);
    };
    return {
      throwing: after(fail),
      'throwing undefined': after(() => {
        throw undefined;
      }),
      'a promise that fails': after(() => Promise.reject(own)),
      'a promise that fails late': after(() => later(random.integer(0, 20)).then(fail)),
      'a promise that ends late': after(() => later(random.integer(0, 20))),
      'a promise that never ends, given up': after(() => {
        setTimeout(giveUp, random.integer(0, 30));
        return new Promise(() => {});
      }),
      'a then that throws': after(() => thenable({ get: fail })),
      'a then that calls twice': after(() =>
        thenable({
          value(resolve, reject) {
            resolve(true);
            reject(own);
            fail();
          },
        }),
      ),
      true: after(() => true),
      'a number': after(() => 1),
      aborting: after(giveUp),
      'asking for more': after(() => void handle.again?.()),
      'taking its time': after(() => {
        const end = performance.now() + 15;
        while (performance.now() < end);
      }),
    };
  }
}

function thenable(descriptor) {
  return Object.defineProperty({}, 'then', descriptor);
}

function address(script, index) {
  return `data:text/javascript,${encodeURIComponent(`${script}// ${index}`)}`;
}
