// Writes what is measured here for other programs to measure, too.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const COPIED = ['tokenizer.json', 'tokenizer_config.json'];

/**
 * Writes each model in f32 into a folder of its name below `target`, and the windows of token ids as windows.json.
 *
 * @param {string} folder where the tokenizer is
 * @param {Record<string, import('./model-tensors.mjs').ModelTensors>} models by name
 */
export async function exportForPeers(target, folder, models, windows) {
  for (const [name, { config, tensors }] of Object.entries(models)) {
    const out = join(target, name);
    await mkdir(out, { recursive: true });
    const forConverter = { ...config, dtype: 'float32', n_ctx: config.n_positions }; // llama.cpp's wants the old name, too
    await writeFile(join(out, 'config.json'), JSON.stringify(forConverter));
    await writeFile(join(out, 'model.safetensors'), toSafetensors(tensors));
    for (const file of COPIED) await copyFile(join(folder, file), join(out, file));
  }
  await writeFile(join(target, 'windows.json'), JSON.stringify(windows));
}

/** @param {import('./model-tensors.mjs').ModelTensors['tensors']} tensors */
function toSafetensors(tensors) {
  const header = {};
  const parts = [];
  let begin = 0;
  for (const [name, { shape, values }] of tensors) {
    const end = begin + values.byteLength;
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, end] };
    parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    begin = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  return Buffer.concat([length, json, ...parts]);
}
