// What a folder's files say of its tokenizer, in whichever of them it stands: the ids of transformers' AutoTokenizer
// (tools/fixtures/make_hf_tokenizers.py).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { resolveHfTokenizer } from '../../build/web/text/hf/hf-tokenizer.js';
import { Tokenizer } from '../../build/web/text/tokenizer.js';

const table = JSON.parse(readFileSync(new URL('../fixtures/hf-tokenizers.json', import.meta.url), 'utf8'));
const mergesText = `#version: 0.2\n${table.merges.map((pair) => pair.join(' ')).join('\n')}\n`;

function filesOf({ files }) {
  const model = { type: 'BPE', vocab: table.vocab, merges: table.merges };
  const json = files['tokenizer.json'];
  return {
    json: json && { ...json, model },
    config: files['tokenizer_config.json'],
    specialTokensMap: files['special_tokens_map.json'],
    addedTokens: files['added_tokens.json'],
    vocab: files['vocab.json'] && table.vocab,
    merges: files['merges.txt'] && mergesText,
    modelConfig: files['config.json'],
  };
}

for (const known of table.cases) {
  test(`${known.name}: the ids of transformers`, () => {
    const { json, config } = resolveHfTokenizer(filesOf(known));
    const tokenizer = Tokenizer.create(json, config);
    const ids = table.texts.map((text) => tokenizer.encode(text));
    for (const [i, text] of table.texts.entries())
      assert.deepEqual(ids[i], known.ids[i], JSON.stringify(text));
  });
}

test('what is missing or damaged is told', () => {
  const none = filesOf({ files: {} });
  const { vocab } = table;
  const refused = (files, code, message) =>
    assert.throws(() => resolveHfTokenizer({ ...none, ...files }), { name: 'SottoError', code, message });
  const gpt2 = { tokenizer_class: 'GPT2Tokenizer' };
  refused({ vocab, config: gpt2 }, 'file-not-found', /merges\.txt/);
  refused({ vocab: [], merges: '', config: gpt2 }, 'bad-file', /vocab\.json/);
  refused(
    { vocab, merges: '', config: { tokenizer_class: 'XTokenizer' } },
    'unsupported-tokenizer',
    /"XTokenizer".*save_pretrained/,
  );
  const json = { model: { type: 'BPE', vocab, merges: [] } };
  refused({ json, config: [] }, 'bad-file', /tokenizer_config\.json is a list/);
  refused({ json, addedTokens: 5 }, 'bad-file', /added_tokens\.json is 5/);
  refused({ json, config: { added_tokens_decoder: { x: {} } } }, 'bad-file', /added_tokens_decoder/);
});
