// Files and servers as people have them: stores that refuse what is not there, pages for any address, secrets, other formats.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import {
  changedConfig,
  filesOf,
  fixturePath,
  jsonBytes,
  load,
  serveFiles,
  sottoError,
  storiesPath,
} from './support.mjs';

const folder = fixturePath('odd-60');
const shards = fixturePath('odd-66');
const OPTIONAL = ['generation_config.json', 'tokenizer.json', 'tokenizer_config.json'];

const answer =
  (status, type, body = '') =>
  (response) =>
    response.writeHead(status, { 'content-type': type }).end(body);

const XML = '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
const PAGE = '<!doctype html><html><div id="app"></div></html>';

/** What servers answer for a file that they do not have. */
const ABSENT = {
  '400 in JSON': answer(400, 'application/json', '{"error":"Bad Request"}'),
  '401 in text': answer(401, 'text/plain', 'Unauthorized'),
  '403 in XML': answer(403, 'application/xml', XML),
  404: answer(404, 'text/plain'),
  204: (response) => response.writeHead(204).end(),
  'an empty body': answer(200, 'application/json'),
  'an empty body of a known length': (response) => response.writeHead(200, { 'content-length': 0 }).end(),
  'a page': answer(200, 'text/html', PAGE),
  'a page that is called a file': answer(200, 'application/octet-stream', `\n${PAGE}`),
};

for (const [what, respond] of Object.entries(ABSENT)) {
  test(`optional files count as absent when the server answers ${what}`, async (t) => {
    const absent = Object.fromEntries(OPTIONAL.map((name) => [name, respond]));
    const { url } = await serveFiles(t, { ...filesOf(folder), ...absent });
    const { info } = await load(t, url);
    assert.equal(info.hasTokenizer, false);
    const isTold = !['404', '204', 'a page'].includes(what);
    assert.equal(info.notices.length, isTold ? 3 : 0, info.notices.join('\n'));
    if (isTold) assert.match(info.notices.join('\n'), /tokenizer\.json counts as absent: /);
  });

  test(`shards are found when the server answers ${what} for model.safetensors`, async (t) => {
    const { url } = await serveFiles(t, { ...filesOf(shards), 'model.safetensors': respond });
    const model = await load(t, url);
    assert.equal((await model.generate([1], { maxNewTokens: 2 }).result).tokenIds.length, 2);
  });
}

for (const status of [400, 401, 403]) {
  test(`required files keep the error of HTTP ${status}, which says what stores answer`, async (t) => {
    const respond = answer(status, 'application/xml', XML);
    const message = new RegExp(
      `HTTP ${status} \\(Access Denied\\).*stores answer ${status} for what is not there`,
    );
    for (const name of ['config.json', 'model.safetensors']) {
      const files = { ...filesOf(folder), 'model.safetensors.index.json': respond, [name]: respond };
      const { url } = await serveFiles(t, files);
      await assert.rejects(LanguageModel.load(url, { retries: 0 }), sottoError('network', message));
    }
  });
}

test('a server in trouble is no absence, of optional files either', async (t) => {
  for (const status of [429, 500, 503]) {
    const { url } = await serveFiles(t, {
      ...filesOf(folder),
      'tokenizer.json': answer(status, 'text/plain'),
    });
    await assert.rejects(
      LanguageModel.load(url, { retries: 0 }),
      sottoError('network', new RegExp(`HTTP ${status}`)),
    );
  }
});

test("the hub's reason is told", async (t) => {
  const hub = (status, reason) => (response) =>
    response.writeHead(status, { 'x-error-code': 'X', 'x-error-message': reason }).end(reason);
  for (const [status, reason] of [
    [401, 'Invalid username or password.'],
    [403, 'Access to model x/y is restricted'],
  ]) {
    const { url } = await serveFiles(t, { 'config.json': hub(status, reason) });
    await assert.rejects(LanguageModel.load(url, { retries: 0 }), (error) => {
      assert.ok(error.message.includes(`HTTP ${status} (${reason})`), error.message);
      return sottoError('network', /no such model/)(error);
    });
  }
});

test('no secret of an address is in any message', async (t) => {
  const told = [];
  const tell = (error) => {
    for (let each = error; each !== undefined; each = each.cause) told.push(String(each.message));
    assert.equal(error.name, 'SottoError', error.stack);
  };
  const echo = (response) => response.writeHead(403).end('the signature s3cr3t%2Fsig, s3cr3t/sig, is wrong');
  const cut = (response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('x', () => setTimeout(() => response.destroy(), 20));
  };
  const { url } = await serveFiles(t, { 'echo/config.json': echo, 'cut/config.json': cut });
  // The helper's server takes names without the query.
  const query = '?X-Amz-Signature=s3cr3t%2Fsig&token=s3cr3t';
  const withUser = (address) => address.replace('http://', 'http://s3cr3t-user:s3cr3t@');
  const sources = [
    `${url}none/${query}`,
    `${url}model.gguf${query}`,
    `http://127.0.0.1:9/m/${query}`,
    withUser(url),
    withUser('http://127.0.0.1:9/m/'),
    new URL(withUser('http://127.0.0.1:9/m/config.json')),
    'http://s3cr3t-user:s3cr3t@:bad/',
    `ftp://s3cr3t-user:s3cr3t@x/${query}`,
  ];
  for (const worker of [false, true]) {
    for (const source of sources) await LanguageModel.load(source, { worker }).then(assert.fail, tell);
  }
  for (const wasm of [
    `http://127.0.0.1:9/x.wasm${query}`,
    `${url}x.wasm${query}`,
    withUser('http://127.0.0.1:9/x'),
  ]) {
    await LanguageModel.load(folder, { wasm: { url: wasm } }).then(assert.fail, tell);
  }
  const model = await load(t, folder);
  const options = { maxNewTokens: 1, logitsProcessor: `data:text/javascript,export default 1${query}` };
  await model.generate([1], options).result.then(assert.fail, tell);
  assert.doesNotMatch(told.join('\n'), /s3cr3t/);
});

test('what servers echo of an address is left out, too', async (t) => {
  const { fetch } = globalThis;
  t.after(() => {
    globalThis.fetch = fetch;
  });
  globalThis.fetch = async (address) => {
    if (String(address).includes('/throws/')) throw new TypeError(`no ${address}`);
    return new Response('wrong signature: s3cr3t%2Fsig (s3cr3t/sig)', { status: 403 });
  };
  const events = [];
  for (const name of ['throws', 'echoes']) {
    const source = `https://example.com/${name}/?sig=s3cr3t%2Fsig`;
    const loading = LanguageModel.load(source, { onProgress: (event) => events.push(event) });
    await assert.rejects(loading, (error) => {
      assert.doesNotMatch(`${error.message} ${error.cause?.message}`, /s3cr3t/);
      return sottoError('network', new RegExp(`example\\.com/${name}/config\\.json\\?…`))(error);
    });
  }
  assert.doesNotMatch(JSON.stringify(events), /s3cr3t/);
});

test('weights of other formats alone are told, with what to do', async () => {
  const noWeights = { 'model.safetensors': null };
  const cases = {
    'pytorch_model.bin': /from transformers import .*\n.*from_pretrained\('folder'\)\.save_pretrained/,
    'pytorch_model.bin.index.json': /save_pretrained/,
    'adapter_model.safetensors': /merge_and_unload/,
  };
  for (const [name, message] of Object.entries(cases)) {
    const files = { ...filesOf(folder, noWeights), [name]: new Uint8Array(100) };
    await assert.rejects(LanguageModel.load(files), sottoError('file-not-found', message));
  }
  await assert.rejects(
    LanguageModel.load(filesOf(folder, { 'model.safetensors': jsonBytes('PK\x03\x04abcdefghijkl') })),
    sottoError('bad-file', /model\.safetensors is no safetensors file but a zip.*save_pretrained/s),
  );
});

test('pointers of Git LFS are told in every file', async () => {
  const pointer = jsonBytes('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 3\n');
  const required = ['config.json', 'model.safetensors', 'generation_config.json', 'tokenizer.json'];
  for (const name of [...required, 'tokenizer_config.json']) {
    const files = filesOf(storiesPath, { [name]: pointer });
    await assert.rejects(
      LanguageModel.load(files),
      sottoError('bad-file', new RegExp(`${name.replaceAll('.', '\\.')} .*pointer of Git LFS.*git lfs pull`)),
    );
  }
  const index = { ...filesOf(shards), 'model.safetensors.index.json': pointer };
  await assert.rejects(LanguageModel.load(index), sottoError('bad-file', /index\.json .*Git LFS/));
});

test("Python's numbers are read where nobody needs them, and refused where somebody does", async (t) => {
  const text = (changes, numbers) =>
    Object.entries(numbers).reduce(
      (json, [key, number]) => json.replace(`"${key}":null`, `"${key}":${number}`),
      JSON.stringify(changedConfig('odd-60', { ...changes, ...mapNull(numbers) })),
    );
  const mapNull = (numbers) => Object.fromEntries(Object.keys(numbers).map((key) => [key, null]));
  const unneeded = text({}, { initializer_range: 'NaN', layerdrop: '-Infinity', attn_pdrop: 'Infinity' });
  assert.match(unneeded, /NaN.*Infinity/);
  const generation = '{"some_threshold": NaN, "eos_token_id": 5}';
  const { info } = await load(
    t,
    filesOf(folder, { 'config.json': `\uFEFF${unneeded}\r\n`, 'generation_config.json': generation }),
  );
  assert.deepEqual(info.eosTokenIds, [5]);
  for (const number of ['NaN', 'Infinity']) {
    const needed = filesOf(folder, { 'config.json': text({}, { layer_norm_epsilon: number }) });
    await assert.rejects(
      LanguageModel.load(needed),
      sottoError('bad-config', new RegExp(`epsilon is ${number}`)),
    );
  }
});

test('a tokenizer of another model is told with both files, padding and late tokens run', async (t) => {
  const json = JSON.parse(new TextDecoder().decode(filesOf(storiesPath)['tokenizer.json']));
  const { vocab } = json.model;
  const free = Math.max(...Object.values(vocab), ...json.added_tokens.map(({ id }) => id)) + 1;
  const size = (await load(t, storiesPath)).info.vocabSize;
  assert.ok(free <= size);
  const withVocab = (more) => ({ ...json, model: { ...json.model, vocab: { ...vocab, ...more } } });
  await assert.rejects(
    LanguageModel.load(filesOf(storiesPath, { 'tokenizer.json': withVocab({ ĠĠĠĠĠĠĠĠzzz: size }) })),
    sottoError(
      'bad-file',
      new RegExp(`tokenizer\\.json and config\\.json.* token ${size}, .*vocab_size is ${size}`),
    ),
  );
  const late = { ...json.added_tokens[0], id: size, content: '<late>' };
  const added = { ...json, added_tokens: [...json.added_tokens, late] };
  const model = await load(t, filesOf(storiesPath, { 'tokenizer.json': added }));
  assert.match(model.info.notices.join(), /adds 1 tokens beyond the vocabulary of \d+, such as "<late>"/);
  assert.equal((await model.generate('Once', { maxNewTokens: 2 }).result).tokenIds.length, 2);
});
