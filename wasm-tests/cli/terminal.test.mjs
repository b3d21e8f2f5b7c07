// What somebody at a terminal sees: the program runs in one that script(1) of util-linux makes.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { storiesPath } from '../api/support.mjs';
import { programPath } from './program.mjs';

const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0;
const skip = hasTerminal ? false : 'there is no script(1) of util-linux, which makes a terminal';

/** What the escape character is shown as here. */
const ESCAPE = '␛';

/** Starts the program in a terminal; what is written is typed. */
function type(args, { env = {}, redirect = '' } = {}) {
  const quoted = [process.execPath, programPath, ...args].map((arg) => `'${arg}'`).join(' ');
  const { NO_COLOR: _, ...environment } = process.env;
  const child = spawn('script', ['-qec', `${quoted} ${redirect}`, '/dev/null'], {
    env: { ...environment, TERM: 'xterm', ...env },
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    screen += text.replaceAll('\x1b', ESCAPE);
  });
  let position = 0;
  const ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, screen })));
  /** Waits for what matches behind what was waited for before. */
  const shows = (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(screen.slice(position));
        if (match === null) return;
        position += match.index + match[0].length;
        child.stdout.off('data', look);
        resolve(match[0]);
      };
      child.stdout.on('data', look);
      child.on('close', () => reject(new Error(`it ended without ${pattern}: ${JSON.stringify(screen)}`)));
      look();
    });
  return { ended, shows, keys: (text) => child.stdin.write(text) };
}

const CHAT = ['chat', storiesPath, '--chat-template', 'chatml', '--seed', '1'];
/** What asks for a message, with the cursor behind it. */
const PROMPT = /> ␛\[3G/;
const UP = '\x1b[A';
const CTRL_C = '\x03';
const CTRL_D = '\x04';

test('a conversation: messages, a history, several lines, Ctrl-D', { skip }, async () => {
  const { ended, shows, keys } = type([...CHAT, '-n', '5']);
  await shows(PROMPT);
  keys('first message\r');
  await shows(/ended by length/);
  await shows(PROMPT);
  keys(UP);
  await shows(/first message/);
  keys('\r');
  await shows(/ended by length/);
  await shows(PROMPT);
  keys('one\\\r');
  await shows(/… ␛\[3G/);
  keys('two\r');
  await shows(/ended by length/);
  await shows(PROMPT);
  keys(CTRL_D);
  assert.equal((await ended).code, 0);
});

test('lines that are pasted together are messages one after the other', { skip }, async () => {
  const { ended, shows, keys } = type([...CHAT, '-n', '5']);
  await shows(PROMPT);
  keys('one\rtwo\r/exit\r');
  await shows(/ended by length/);
  await shows(/ended by length/);
  assert.equal((await ended).code, 0);
});

test('Ctrl-C ends an answer, and the program where there is none', { skip }, async () => {
  const { ended, shows, keys } = type([
    ...CHAT,
    '--overflow',
    'slide',
    '-n',
    '1000000',
    '--min-new-tokens',
    '1000000',
  ]);
  await shows(PROMPT);
  keys('go on\r');
  await shows(/go on[\s\S]*\w{3,} \w+/);
  keys(CTRL_C);
  await shows(/ended by Ctrl-C/);
  await shows(PROMPT);
  keys(CTRL_C);
  assert.equal((await ended).code, 130);
});

test('what fails while somebody types does not end the conversation', { skip }, async () => {
  const { ended, shows, keys } = type([...CHAT, '-n', '2']);
  await shows(PROMPT);
  keys(`${'long '.repeat(600)}\r`);
  await shows(/\(prompt-too-long\)/);
  await shows(PROMPT);
  keys('/exit\r');
  assert.equal((await ended).code, 0);
});

test('progress is drawn on a terminal alone, and taken away', { skip }, async () => {
  const seen = await type(['run', storiesPath, 'Once', '-n', '3']).ended;
  // Of what is loaded within 80 ms only the beginning is drawn, before sizes are known.
  assert.match(seen.screen, /\r(?:\[=*>? *\] +\d+% .*of \d|\d[\d.]* [kMG]?B)/);
  assert.match(seen.screen, /\r␛\[K/);
  assert.equal(seen.code, 0);
  const quiet = await type(['run', storiesPath, 'Once', '-n', '3', '--quiet']).ended;
  assert.doesNotMatch(quiet.screen, /␛/);
  const piped = await type(['run', storiesPath, 'Once', '-n', '3'], { redirect: '2>&1 | cat' }).ended;
  assert.doesNotMatch(piped.screen, /␛|%/);
});

test('figures are faint, but not where NO_COLOR or TERM ask for none', { skip }, async () => {
  const args = ['run', storiesPath, 'Once', '-n', '3'];
  assert.match((await type(args).ended).screen, /␛\[2m3 tokens after/);
  const plain = (await type(args, { env: { NO_COLOR: '1' } }).ended).screen;
  assert.doesNotMatch(plain, /␛\[2m/);
  assert.match(plain, /3 tokens after/);
  assert.doesNotMatch((await type(args, { env: { TERM: 'dumb' } }).ended).screen, /␛/);
});

test('without a prompt at a terminal the usage is told', { skip }, async () => {
  const { code, screen } = await type(['run', storiesPath]).ended;
  assert.match(screen, /run needs a PROMPT/);
  assert.equal(code, 2);
});
