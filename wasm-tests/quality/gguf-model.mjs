// A GGUF file in an engine of its own, by the way that `LanguageModel.load` takes.
import { Engine } from 'sotto/engine';
import { loadWeights } from '../../dist/loading/load-weights.js';
import { openPackage } from '../../dist/loading/open-package.js';
import { ProgressReporter } from '../../dist/loading/progress.js';
import { openSource } from '../../dist/sources/open.js';
import { resolveSource } from '../../dist/sources/spec.js';

/**
 * @param {import('node:test').TestContext} t with which the engine ends
 * @param {string | Uint8Array} source a path, or the file
 * @param {'auto' | 'f32' | 'q8' | 'q4'} weights
 */
export async function loadGguf(t, source, weights) {
  const resolved = resolveSource(source);
  const progress = new ProgressReporter(() => {});
  const opened = await openPackage(
    await openSource(resolved),
    resolved.gguf,
    progress,
    new AbortController().signal,
  );
  const engine = await Engine.create();
  t.after(() => engine.dispose());
  return { engine, ...(await loadWeights(engine, opened, opened.mapping, weights)) };
}

/** Logits of every position of `ids`: [ids.length, vocabSize]. */
export function logitsOf({ model }, ids) {
  const session = model.createSession();
  session.append(ids, { allLogits: true });
  const logits = session.logits().slice();
  session.dispose();
  return logits;
}
