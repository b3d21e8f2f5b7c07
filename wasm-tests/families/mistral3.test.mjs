// A text model inside of one that sees is the text model alone, whatever the names begin with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadIntoEngine } from '../api/engine-support.mjs';
import { filesOf, fixturePath, fixtureReference, jsonBytes } from '../api/support.mjs';

/** The bytes of a safetensors file with other names, and a tensor of another part behind the last one. */
function renamed(bytes, rename) {
  const headerBytes = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)));
  const data = bytes.subarray(8 + headerBytes);
  const entries = Object.entries(header).map(([name, tensor]) => [rename(name), tensor]);
  const vision = { dtype: 'F32', shape: [1, 1, 1, 2], data_offsets: [data.length, data.length + 8] };
  const json = jsonBytes({ ...Object.fromEntries(entries), 'vision_tower.patch_conv.weight': vision });
  const file = new Uint8Array(8 + json.length + data.length + 8);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

for (const name of ['ministral3-yarn', 'ministral3-yarn-window', 'mistral-window']) {
  for (const prefix of ['language_model.model.', 'model.language_model.']) {
    test(`${name} below ${prefix}`, async (t) => {
      const alone = filesOf(fixturePath(`families/${name}`));
      const text_config = JSON.parse(new TextDecoder().decode(alone['config.json']));
      const nested = {
        'config.json': jsonBytes({ model_type: 'mistral3', text_config, vision_config: {} }),
        'model.safetensors': renamed(alone['model.safetensors'], (tensor) =>
          tensor
            .replace(/^model\./, prefix)
            .replace(/^lm_head/, prefix.startsWith('model.') ? 'lm_head' : 'language_model.lm_head'),
        ),
      };
      const { promptIds } = fixtureReference(`families/${name}`).cases.at(-1);
      const logits = [];
      for (const files of [alone, nested]) {
        const { model } = await loadIntoEngine(t, files);
        const session = model.createSession();
        session.append(promptIds);
        logits.push(session.logits().slice());
      }
      assert.deepEqual(logits[1], logits[0]);
    });
  }
}
