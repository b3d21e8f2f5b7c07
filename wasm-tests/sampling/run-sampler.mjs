// The engine's sampler on logits that a test gives.
import { toSamplerValue } from '../../build/web/engine/sampler-value.js';
import { NEUTRAL_SAMPLER_OPTIONS } from '../../build/web/options/sampler-options.js';
import { engine, withHeap } from '../kernels/heap.mjs';

/** Runs `body` with a sampler of the test module: what `options` leaves out is neutral, and the temperature then 1. */
export function withSampler(options, body) {
  const value = toSamplerValue({ ...NEUTRAL_SAMPLER_OPTIONS, seed: 0, endTokens: [], ...options });
  const sampler = new engine.TestSampler(value);
  try {
    return body(sampler);
  } finally {
    sampler.delete();
  }
}

/** Tells a sampler its history. */
function begin(sampler, { prompt = [], generated = [] }) {
  sampler.begin(Int32Array.from(prompt));
  for (const id of generated) sampler.accept(id);
}

/** What the filters leave: ids, and their logits, in the sampler's order. */
export function survivors(options, logits, misalignment = 0) {
  return withHeap((heap) => {
    const { address } = heap.input(Float32Array.from(logits), misalignment);
    return withSampler(options, (sampler) => {
      sampler.filter(address, logits.length);
      return { ids: Array.from(sampler.tokens()), logits: sampler.logits().slice() };
    });
  });
}

/** What the processors make of the logits, behind a history of `{ prompt, generated }`. */
export function processed(options, history, logits, misalignment = 0) {
  return withHeap((heap) => {
    const block = heap.copy(Float32Array.from(logits), misalignment);
    return withSampler(options, (sampler) => {
      begin(sampler, history);
      sampler.process(block.address, logits.length);
      return block.f32().slice();
    });
  });
}

/** `count` tokens drawn one after another, each from the same logits. -1 stands for a refusal. */
export function draw(options, logits, count = 1, history = {}) {
  return withHeap((heap) => {
    const { address } = heap.input(Float32Array.from(logits));
    return withSampler(options, (sampler) => {
      begin(sampler, history);
      return Array.from({ length: count }, () => sampler.sample(address, logits.length));
    });
  });
}

/** The code and message with which logits are refused, or a code '' when they are not. */
export function refusal(options, logits, history = {}) {
  return withHeap((heap) => {
    const { address } = heap.input(Float32Array.from(logits));
    return withSampler(options, (sampler) => {
      begin(sampler, history);
      sampler.sample(address, logits.length);
      return sampler.status();
    });
  });
}
