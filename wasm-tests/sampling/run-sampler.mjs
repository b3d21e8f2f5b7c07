// The engine's sampler on logits that a test gives.
import { engine, withHeap } from '../kernels/heap.mjs';

function withSampler({ temperature = 1, topK = 0, topP = 1, seed = 0 }, logits, misalignment, body) {
  return withHeap((heap) => {
    const { address } = heap.input(Float32Array.from(logits), misalignment);
    const sampler = new engine.TestSampler(temperature, topK, topP, seed);
    try {
      return body(sampler, address);
    } finally {
      sampler.delete();
    }
  });
}

/** What the chain leaves: ids, and their logits, in the sampler's order. */
export function survivors(options, logits, misalignment = 0) {
  return withSampler(options, logits, misalignment, (sampler, address) => {
    sampler.filter(address, logits.length);
    return { ids: Array.from(sampler.tokens()), logits: sampler.logits().slice() };
  });
}

/** `count` tokens drawn one after another, each from the same logits. -1 stands for a refusal. */
export function draw(options, logits, count = 1) {
  return withSampler(options, logits, 0, (sampler, address) =>
    Array.from({ length: count }, () => sampler.sample(address, logits.length)),
  );
}
