// One run of the model, from its first piece to the last that is shown.

/** What a run came to that was stopped before it wrote. */
const NOTHING = {
  finishReason: 'aborted',
  usage: { completionTokens: 0, cachedTokens: 0 },
  timings: { tokensPerSecond: 0, timeToFirstTokenMs: 0 },
};

/**
 * Lets the pieces into the pace, and the figures tell how fast they come. Resolves when the last is shown, or when somebody
 * stopped it.
 *
 * @param {import('../../web/index.ts').Generation} generation
 * @param {{ figures: import('../parts/figures.js').Figures, pacer: import('./pace.js').Pacer,
 *   paceControl: import('./pace-control.js').PaceControl, signal: AbortSignal, reading: Promise<number> }} where `reading`:
 *   how long the prompt took, when it is read
 * @returns {Promise<{ result: object, readMs: number }>}
 */
export async function follow(generation, { figures, pacer, paceControl, signal, reading }) {
  pacer.begin();
  paceControl.begin();
  let readMs = 0;
  let result = NOTHING;
  try {
    readMs = await reading;
    for await (const piece of generation) {
      if (signal.aborted) continue;
      figures.add(piece);
      pacer.add(piece);
      paceControl.show(figures.speed);
    }
    result = await generation.result;
  } catch (error) {
    if (!signal.aborted) throw error;
    result = error.result ?? NOTHING;
  }
  figures.measure(result, readMs);
  paceControl.show(figures.speed);
  await pacer.end();
  return { result: signal.aborted ? { ...result, finishReason: 'aborted' } : result, readMs };
}
