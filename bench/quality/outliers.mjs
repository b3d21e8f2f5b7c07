// The same function with outlier channels, as trained GPT-2 models have them: harder to quantise.

const CHANNELS = 4;
const FACTORS = [8, 16]; // powers of two: nothing is rounded, so the f32 logits stay the same to the bit

/** Norms and the matrices that read them. The final norm has none to itself: a tied head is the embedding, too. */
const READERS = { ln_1: 'attn.c_attn', ln_2: 'mlp.c_fc' };

/**
 * A GPT-2 in which 4 channels of every layer's norms, the same in all layers and spread over the width, are 8 or 16 times as
 * large, and what the next matrix multiplies them by as much smaller.
 *
 * @param {import('./model-tensors.mjs').ModelTensors} model stays as it is
 */
export function withOutliers({ config, tensors }) {
  const width = config.n_embd;
  const changed = new Map(tensors);
  const copyOf = (name) => {
    const found = [...tensors.keys()].find((key) => key === name || key === `transformer.${name}`);
    const { shape, values } = tensors.get(found);
    const copy = { shape, values: values.slice() };
    changed.set(found, copy);
    return copy.values;
  };
  for (let layer = 0; layer < config.n_layer; layer++) {
    for (const [norm, matrix] of Object.entries(READERS)) {
      const [scale, shift] = ['weight', 'bias'].map((part) => copyOf(`h.${layer}.${norm}.${part}`));
      const weights = copyOf(`h.${layer}.${matrix}.weight`); // [in, out]
      const columns = weights.length / width;
      for (let i = 0; i < CHANNELS; i++) {
        const channel = Math.floor(((i + 0.3) * width) / CHANNELS);
        const factor = FACTORS[i % FACTORS.length];
        scale[channel] *= factor;
        shift[channel] *= factor;
        for (let k = channel * columns; k < (channel + 1) * columns; k++) weights[k] /= factor;
      }
    }
  }
  return { config, tensors: changed };
}
