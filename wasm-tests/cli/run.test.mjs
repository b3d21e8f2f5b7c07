import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import { fixturePath, storiesPath } from '../api/support.mjs';
import { sotto, start } from './program.mjs';

const PROMPT = 'Once upon a time';

/** What the library says to the same. */
async function expected(prompt, options) {
  const model = await LanguageModel.load(storiesPath);
  try {
    return await model.generate(prompt, options).text();
  } finally {
    await model.dispose();
  }
}

test('run prints what the library generates, and the figures beside it', async () => {
  const { code, stdout, stderr } = await sotto(['run', storiesPath, PROMPT, '--seed', '7', '-n', '20']);
  assert.equal(stdout, `${await expected(PROMPT, { seed: 7, maxNewTokens: 20 })}\n`);
  assert.match(stderr, /^20 tokens after \d+, [\d.]+ tokens\/s, .*ended by length, seed 7\n$/);
  assert.equal(code, 0);
});

test('every option reaches the generation', async () => {
  const flags = ['--temperature', '0.7', '--top-k', '30', '--top-p=0.8', '--repetition-penalty', '1.3'];
  const args = ['run', storiesPath, PROMPT, ...flags, '--seed', '3', '--max-new-tokens', '30', '--quiet'];
  const options = {
    temperature: 0.7,
    topK: 30,
    topP: 0.8,
    repetitionPenalty: 1.3,
    seed: 3,
    maxNewTokens: 30,
  };
  const { stdout, stderr } = await sotto(args);
  assert.equal(stdout, `${await expected(PROMPT, options)}\n`);
  assert.equal(stderr, '');
});

test('--stop may be given several times', async () => {
  const text = await expected(PROMPT, { temperature: 0, maxNewTokens: 40 });
  const end = text.indexOf('. ');
  assert.ok(end > 0, text);
  const args = ['run', storiesPath, PROMPT, '-t', '0', '-n', '40', '--stop', 'zzz', '--stop', '. '];
  const { stdout, stderr } = await sotto(args);
  assert.equal(stdout, `${text.slice(0, end)}\n`);
  assert.match(stderr, /ended by stop-string/);
});

test('--response-format is JSON, or a file of it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-form-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'form.json');
  const form = { type: 'choice', options: ['a happy story', 'a sad story'] };
  await writeFile(file, JSON.stringify(form));
  for (const given of [JSON.stringify(form), file]) {
    const { code, stdout } = await sotto(['run', storiesPath, PROMPT, '--response-format', given, '-q']);
    assert.match(stdout, /^a (happy|sad) story\n$/);
    assert.equal(code, 0);
  }
});

test('the prompt comes from standard input where none is given, and where it is -', async () => {
  const rest = ['--seed', '7', '-n', '8', '-q'];
  const whole = await sotto(['run', storiesPath, 'Once upon', 'a time', ...rest]);
  const piped = await sotto(['run', storiesPath, ...rest], { input: `${PROMPT}\n` });
  const dash = await sotto(['run', storiesPath, '-', ...rest], { input: PROMPT });
  assert.ok(whole.stdout.length > 5);
  assert.equal(piped.stdout, whole.stdout);
  assert.equal(dash.stdout, whole.stdout);
});

test('an open standard input does not keep the program from ending', async () => {
  const running = start(['run', storiesPath, PROMPT, '-n', '3', '-q'], { input: null });
  assert.equal((await running.ended).code, 0);
});

test('a GGUF file runs', async () => {
  const file = `${fixturePath('families/llama-tied')}model.gguf`;
  const { code, stderr } = await sotto(['run', file, PROMPT, '-n', '3']);
  // It has no tokenizer, which is told by the library.
  assert.match(stderr, /^sotto: .*tokenizer.* \(no-tokenizer\)\n$/);
  assert.equal(code, 1);
});

test('--chat answers one message; with a system message before it', async () => {
  const args = [
    'run',
    storiesPath,
    'Hello',
    '--chat',
    '--chat-template',
    'chatml',
    '-n',
    '6',
    '-t',
    '0',
    '-q',
  ];
  const model = await LanguageModel.load(storiesPath);
  const user = { role: 'user', content: 'Hello' };
  const options = { chatTemplate: 'chatml', maxNewTokens: 6, temperature: 0 };
  const plain = await model.chat([user], options).text();
  const system = { role: 'system', content: 'Be brief.' };
  const briefly = await model.chat([system, user], options).text();
  await model.dispose();
  assert.notEqual(plain, briefly);
  assert.equal((await sotto(args)).stdout.trimEnd(), plain.trimEnd());
  assert.equal((await sotto([...args, '--system', 'Be brief.'])).stdout.trimEnd(), briefly.trimEnd());
});

test('a failure is one message, without a stack, and status 1', async () => {
  const { code, stdout, stderr } = await sotto(['run', '/no/such/model', PROMPT]);
  assert.match(stderr, /^sotto: config\.json is missing: .*\(file-not-found\)\n$/);
  assert.equal(stdout, '');
  assert.equal(code, 1);
});

/** A text that goes on until somebody ends it. */
const ENDLESS = ['--overflow', 'slide', '-n', '1000000', '--min-new-tokens', '1000000', '--seed', '1'];

test('Ctrl-C ends the answer: what there is stays, and the status is 130', async () => {
  const { child, ended, said } = start(['run', storiesPath, PROMPT, ...ENDLESS]);
  await said('stdout', /.{40}/);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  assert.match(stderr, /ended by Ctrl-C/);
  assert.ok(stdout.endsWith('\n'));
  assert.equal(code, 130);
});

test('a reader that goes away ends the program quietly', async () => {
  const { child, ended } = start(['run', storiesPath, PROMPT, ...ENDLESS]);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const { code, stderr } = await ended;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});
