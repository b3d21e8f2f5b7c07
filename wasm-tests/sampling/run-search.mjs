// The engine's beam search and contrastive search on numbers that a test gives.
import { engine, withHeap } from '../kernels/heap.mjs';

/**
 * Runs a beam search to its end.
 *
 * @param {object} options see BeamSearchHook in src/bindings/test_search.cc
 * @param {(beams: number[][]) => ArrayLike<number>[]} rowsOf log-probabilities for the tokens of each running beam
 * @param {(moves: { parent: number, token: number }[]) => void} [onMoves] sees each step's moves
 */
export function runBeamSearch(options, rowsOf, onMoves = () => {}) {
  const search = new engine.TestBeamSearch(options);
  try {
    while (!search.isDone()) {
      const beams = Array.from({ length: search.nRunning() }, (_, beam) => search.tokens(beam));
      const rows = rowsOf(beams);
      const vocabSize = rows[0].length;
      const moves = withHeap((heap) => {
        const flat = Float32Array.from(rows.flatMap((row) => Array.from(row)));
        return search.advance(heap.input(flat, 4).address, vocabSize);
      });
      onMoves(moves, beams, search);
      if (moves.length === 0 && !search.isDone()) break; // no beam can go on, and none has ended
    }
    return search.finish();
  } finally {
    search.delete();
  }
}

/** Log-probabilities by the engine, or null where it refuses the logits. */
export function logSoftmaxOf(logits, misalignment = 0) {
  return withHeap((heap) => {
    const values = Float32Array.from(logits);
    const out = heap.space(values.length, misalignment);
    const isOk = engine.logSoftmax(heap.input(values, misalignment).address, values.length, out.address);
    return isOk ? out.f32().slice() : null;
  });
}

/** A contrastive search over arrays. Refusals are thrown as errors with their message. */
export class ContrastiveSearch {
  #search;

  constructor({ penaltyAlpha, topK, hiddenSize }) {
    this.#search = new engine.TestContrastiveSearch(penaltyAlpha, topK, hiddenSize);
    this.hiddenSize = hiddenSize;
  }

  addContext(hidden) {
    const message = this.#on(hidden, (address) =>
      this.#search.addContext(address, hidden.length / this.hiddenSize),
    );
    if (message !== '') throw new Error(message);
  }

  candidates(logits) {
    return orThrow(this.#on(logits, (address) => this.#search.candidates(address, logits.length)));
  }

  choose(candidateHidden) {
    return orThrow(this.#on(candidateHidden, (address) => this.#search.choose(address)));
  }

  delete() {
    this.#search.delete();
  }

  #on(values, body) {
    return withHeap((heap) => body(heap.input(Float32Array.from(values), 4).address));
  }
}

function orThrow(value) {
  if (typeof value === 'string') throw new Error(value);
  return value;
}
