import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LanguageModel } from 'sotto';
import { chatModel } from '../api/chat-model.mjs';
import { storiesPath } from '../api/support.mjs';
import { sotto, start } from './program.mjs';

let folder;
let model;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-chat-'));
  mkdirSync(join(folder, 'chat'));
  const files = chatModel();
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, 'chat', name), bytes);
  model = await LanguageModel.load(join(folder, 'chat'));
});

after(async () => {
  await model.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const OPTIONS = { temperature: 0, maxNewTokens: 8 };
const FLAGS = ['-t', '0', '-n', '8', '-q'];

/** What a conversation's answers look like as an output. */
async function answers(messages, { system } = {}) {
  const session = await model.createSession();
  if (system !== undefined) await session.setMessages([{ role: 'system', content: system }]);
  let output = '';
  for (const message of messages) {
    const text = await session.chat(message, OPTIONS).text();
    output += text === '' || text.endsWith('\n') ? text : `${text}\n`;
  }
  await session.dispose();
  return output;
}

const chat = (input, flags = []) => sotto(['chat', join(folder, 'chat'), ...FLAGS, ...flags], { input });

test('each line of a pipe is a message of one conversation', async () => {
  const { code, stdout, stderr } = await chat('Hello\nagain\n');
  const wanted = await answers(['Hello', 'again']);
  assert.notEqual(wanted, (await answers(['Hello'])) + (await answers(['again'])));
  assert.equal(stdout, wanted);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});

test('a backslash at the end of a line goes on with the next one; empty lines say nothing', async () => {
  assert.equal((await chat('\nHello\\\nagain\\\n\\\n!\n\n')).stdout, await answers(['Hello\nagain\n\n!']));
});

test('--system and /system set the system message, /reset leaves it, /exit ends', async () => {
  const briefly = await answers(['Hello'], { system: 'Be brief.' });
  assert.notEqual(briefly, await answers(['Hello']));
  assert.equal((await chat('Hello\n', ['--system', 'Be brief.'])).stdout, briefly);
  const { code, stdout } = await chat(
    '/system Be brief.\nHello\n/reset\nHello\n/system\n/reset\nHello\n/exit\nnever\n',
  );
  assert.equal(stdout, briefly + briefly + (await answers(['Hello'])));
  assert.equal(code, 0);
});

test('/help tells the commands; a wrong one is told, and a path is no command', async () => {
  const { stdout, stderr } = await chat('/help\n/halp\n/usr/bin is where?\n');
  assert.match(stderr, /\/system TEXT[\s\S]*\/reset[\s\S]*\/exit/);
  assert.match(stderr, /there is no command \/halp/);
  assert.equal(stdout, await answers(['/usr/bin is where?']));
});

test('--tools and --template-options reach the template', async () => {
  const tools = [{ type: 'function', function: { name: 'clock', parameters: {} } }];
  const file = join(folder, 'tools.json');
  writeFileSync(file, JSON.stringify(tools));
  const templateOptions = { enable_thinking: false };
  const options = { ...OPTIONS, tools, templateOptions };
  const wanted = await model.chat([{ role: 'user', content: 'Hello' }], options).text();
  const { stdout } = await chat('Hello\n', [
    '--tools',
    file,
    '--template-options',
    '{"enable_thinking":false}',
  ]);
  assert.equal(stdout.trimEnd(), wanted.trimEnd());
});

test('a file is a template where its name ends in .jinja', async () => {
  const file = join(folder, 'own.jinja');
  writeFileSync(file, '{% for m in messages %}{{ m.content }}?{% endfor %}');
  const options = { ...OPTIONS, chatTemplate: '{% for m in messages %}{{ m.content }}?{% endfor %}' };
  const wanted = await model.chat([{ role: 'user', content: 'Hello' }], options).text();
  const { stdout } = await chat('Hello\n', ['--chat-template', file]);
  assert.equal(stdout.trimEnd(), wanted.trimEnd());
});

test('a model without a template says so before anybody has typed', async () => {
  const { code, stderr } = await sotto(['chat', storiesPath], { input: null });
  assert.match(stderr, /no chat template.*\(no-chat-template\)\n$/);
  assert.equal(code, 1);
});

test('Ctrl-C ends an answer, and the conversation goes on', async () => {
  const endless = ['--overflow', 'slide', '--min-new-tokens', '100000', '--max-new-tokens', '100000'];
  const args = ['chat', storiesPath, '--chat-template', 'chatml', '--seed', '1', ...endless];
  const { child, ended, said } = start(args, { input: null });
  child.stdin.write('Hello\n');
  await said('stdout', /[^\n]{20}/);
  child.kill('SIGINT');
  await said('stderr', /ended by Ctrl-C/);
  child.stdin.end('/exit\n');
  assert.equal((await ended).code, 0);
});

test('Ctrl-C while nothing is generated ends the program', async () => {
  const args = ['chat', storiesPath, '--chat-template', 'chatml', '-n', '2'];
  const { child, ended, said } = start(args, { input: null });
  child.stdin.write('Hello\n');
  await said('stderr', /seed \d+\n/); // the last that is said of an answer
  child.kill('SIGINT');
  const { code, signal } = await ended;
  assert.deepEqual({ code, signal }, { code: 130, signal: null });
});

/** Shows pieces as the commands show them. */
const show = (pieces, env = {}) =>
  promisify(execFile)(
    process.execPath,
    [fileURLToPath(new URL('show-pieces.mjs', import.meta.url)), JSON.stringify(pieces)],
    { env: { ...process.env, ...env } },
  );

test('thoughts go beside the output, calls of tools are lines of it', async () => {
  const { stdout, stderr } = await show([
    { kind: 'thinking', text: 'Hm,\x1b[2J so' },
    { kind: 'thinking', text: '.' },
    { kind: 'text', text: 'It is ' },
    { kind: 'text', text: 'late' },
    { kind: 'tool-call', text: 'x', toolCall: { id: '1', name: 'clock', arguments: { zone: 'UTC' } } },
    { kind: 'text', text: '\nwell' },
  ]);
  assert.equal(stderr, 'Hm,\ufffd[2J so.\n');
  assert.equal(stdout, 'It is late\n{"tool":"clock","arguments":{"zone":"UTC"}}\n\nwell\n');
});

test('an output that has begun ends with a line, whatever comes last', async () => {
  const { stdout, stderr } = await show([
    { kind: 'text', text: 'a' },
    { kind: 'thinking', text: 'b\n' },
  ]);
  assert.deepEqual({ stdout, stderr }, { stdout: 'a\n', stderr: 'b\n' });
  assert.equal((await show([])).stdout, '');
});
