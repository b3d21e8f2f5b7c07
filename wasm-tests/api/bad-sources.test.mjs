import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import { filesOf, fixturePath, load, serveFiles, sottoError } from './support.mjs';

const folder = fixturePath('odd-60');

for (const missing of ['config.json', 'model.safetensors']) {
  test(`a missing ${missing} is refused, wherever the files come from`, async (t) => {
    const files = filesOf(folder, { [missing]: null });
    const { url } = await serveFiles(t, files);
    const blobs = Object.entries(files).map(([name, bytes]) => new File([bytes], name));
    for (const source of [files, url, blobs]) {
      await assert.rejects(
        LanguageModel.load(source),
        sottoError('file-not-found', new RegExp(missing.replace('.', '\\.'))),
      );
    }
  });
}

test('a missing folder is refused', async () => {
  await assert.rejects(LanguageModel.load('no/such/folder'), sottoError('file-not-found', /config\.json/));
  await assert.rejects(
    LanguageModel.load(new URL('file:///no/such/folder/')),
    sottoError('file-not-found', /config\.json/),
  );
});

test('a missing shard is refused, and so is an index that leads outside', async () => {
  const shards = fixturePath('odd-66');
  const files = filesOf(shards);
  const [first] = Object.keys(files).filter((name) => name.includes('-of-'));
  const missing = LanguageModel.load(filesOf(shards, { [first]: null }));
  await assert.rejects(
    missing,
    sottoError(
      'file-not-found',
      /^model-0000\d-of-00003.safetensors, which model.safetensors.index.json names, is missing/,
    ),
  );
  const index = { weight_map: { 'transformer.wte.weight': '../secret.safetensors' } };
  const outside = LanguageModel.load(filesOf(shards, { 'model.safetensors.index.json': index }));
  await assert.rejects(outside, sottoError('bad-file', /secret/));
});

test('a connection that is cut half way is told, and loading works when it is tried again', async (t) => {
  const files = filesOf(folder);
  const weights = files['model.safetensors'];
  let cuts = 2;
  const cutHalfWay = (response) => {
    response.writeHead(200, { 'content-length': weights.length });
    if (cuts-- <= 0) return response.end(weights);
    response.write(weights.subarray(0, weights.length / 2), () => setTimeout(() => response.destroy(), 20));
  };
  const { url } = await serveFiles(t, { ...files, 'model.safetensors': cutHalfWay });
  for (const worker of [false, true]) {
    await assert.rejects(
      LanguageModel.load(url, { worker, retries: 0 }),
      sottoError('network', /cut after \d+ of \d+ bytes/),
    );
  }
  const model = await load(t, url);
  assert.equal((await model.generate([1], { maxNewTokens: 2 }).result).tokenIds.length, 2);
});

test('a server in trouble is told, and so is none', async (t) => {
  const { url } = await serveFiles(t, { 'config.json': (response) => response.writeHead(503).end() });
  await assert.rejects(LanguageModel.load(url, { retries: 0 }), sottoError('network', /503/));
  await assert.rejects(
    LanguageModel.load('http://127.0.0.1:1/model/'),
    sottoError('network', /127\.0\.0\.1:1/),
  );
});
