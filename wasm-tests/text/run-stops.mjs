import { StopConditions } from '../../build/web/text/stop-conditions.js';

/** Pushes pieces until a match; what came out piece by piece, and at the end. */
export function run(stops, pieces) {
  const search = new StopConditions(stops);
  const texts = [];
  for (const piece of pieces) {
    const { text, stopped } = search.push(piece);
    texts.push(text);
    if (stopped) return { texts, stopped, rest: search.flush() };
  }
  return { texts, stopped: null, rest: search.flush() };
}
