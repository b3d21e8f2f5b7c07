/** Arguments of calls of sotto/engine: mostly good ones, and now and then anything. */
export class RandomArguments {
  #objects;

  /** @param objects Gives objects of the engine that anything may be. */
  constructor(random, objects = () => [null]) {
    this.random = random;
    this.#objects = objects;
  }

  /** Something that no call takes, or hardly any. */
  junk() {
    const { random } = this;
    const numbers = [
      Number.NaN,
      Infinity,
      -Infinity,
      -1,
      0,
      0.5,
      1,
      2 ** 31,
      2 ** 32,
      2 ** 53,
      5e-324,
      7e-46,
      3.5e38,
      1e308,
      -1e308,
    ];
    const others = [
      undefined,
      null,
      true,
      false,
      '',
      'x',
      1n,
      Symbol('s'),
      [],
      [undefined],
      [[1]],
      {},
      Object.create(null),
      () => 1,
    ];
    const objects = [
      { length: 1e12 },
      { length: -1 },
      new Date(0),
      new Map([[1, 1]]),
      new Float32Array(3),
      new ArrayBuffer(3),
    ];
    const lists = [
      new DataView(new ArrayBuffer(4)),
      BigInt64Array.of(1n),
      Int32Array.of(-1, 5),
      new Uint8Array(7),
      [1e9],
      [Number.NaN],
    ];
    return random.pick([numbers, others, objects, lists, this.#objects()].map((list) => random.pick(list)));
  }

  /** One of the good values, most often. */
  some(good) {
    return this.random.next() < 0.95 ? this.random.pick(good) : this.junk();
  }

  /** This, most often; sometimes something else, or with a field of nobody's. */
  maybe(value) {
    const chance = this.random.next();
    if (chance < 0.93) return value;
    if (chance < 0.96) return this.junk();
    return Array.isArray(value)
      ? [...value, this.junk()]
      : { ...value, [this.random.pick(['x', 'num_beams', 'row'])]: this.junk() };
  }

  ids() {
    const ids = this.random.ids(this.random.integer(1, 5), 10);
    return this.some(
      [ids, ids, Int32Array.from(ids), [], [...ids, 1e6], [...ids, this.junk()]].slice(
        0,
        this.random.pick([3, 3, 6]),
      ),
    );
  }

  processing() {
    const all = {
      logitBias: this.some([{ 1: 2 }, new Map([[2, -3.4e38]]), {}]),
      repetitionPenalty: this.some([1.2, 1e-45, 3e38]),
      frequencyPenalty: this.some([0.5, -2]),
      presencePenalty: this.some([0.5, -2]),
      noRepeatNgramSize: this.some([1, 2, 2 ** 31 - 1]),
      badWords: this.some([[[1], [2, 3]], [[100000]]]),
      minNewTokens: this.some([1, 2 ** 31 - 1]),
      forcedTokens: this.some([[1, 2], [1e6]]),
      suppressTokens: this.some([[3, 4], Array.from({ length: 5000 }, (_, id) => id)]),
      endTokens: this.some([[1, 2], [7], []]),
    };
    return this.part(all, 0.2);
  }

  sampling() {
    const all = {
      temperature: this.some([1, 0.5, 1e-45, 3e38]),
      topK: this.some([1, 3, 2 ** 31 - 1]),
      topP: this.some([0.5, 1e-45, 1]),
      minP: this.some([0.1, 5e-324, 1]),
      typicalP: this.some([0.5, 1e-45, 7e-46]),
      epsilonCutoff: this.some([0.01, 1 - 1e-9, 5e-324]),
      etaCutoff: this.some([0.01, 5e-324]),
      seed: this.some([1, 2 ** 53 - 1]),
    };
    return { ...this.processing(), ...this.part(all, 0.3) };
  }

  part(options, share) {
    return Object.fromEntries(Object.entries(options).filter(() => this.random.next() < share));
  }
}
