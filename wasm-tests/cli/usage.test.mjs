import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMMANDS } from '../../build/web/cli/commands.js';
import { generateChecks } from '../../build/web/options/resolve-generate-options.js';
import { storiesPath } from '../api/support.mjs';
import { sotto } from './program.mjs';

const root = new URL('../../', import.meta.url);
const guide = readFileSync(new URL('docs/cli.md', root), 'utf8');

test('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const { code, stdout } = await sotto(['--version']);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: `${version}\n` });
});

test('help lists all commands, and without a command it is told what is wrong', async () => {
  const { code, stdout } = await sotto(['help']);
  for (const { name, summary } of COMMANDS)
    assert.ok(stdout.includes(`sotto ${name}`) && stdout.includes(summary));
  assert.equal(code, 0);
  const nothing = await sotto([]);
  assert.equal(nothing.code, 2);
  assert.ok(nothing.stderr.includes(stdout.trimEnd()));
});

for (const command of COMMANDS) {
  test(`the help of ${command.name} has all its options, and docs/cli.md as well`, async () => {
    const byName = await sotto(['help', command.name]);
    const byFlag = await sotto([command.name, '--help']);
    assert.equal(byFlag.stdout, byName.stdout);
    assert.equal(byName.code, 0);
    assert.ok(byName.stdout.includes(command.description));
    for (const { name, value, help } of command.flags) {
      const shown = `--${name}${value === undefined ? '' : ` ${value}`}`;
      assert.ok(byName.stdout.includes(shown) && byName.stdout.includes(help), `${shown} is not in the help`);
      assert.ok(guide.includes(`\`--${name}`), `--${name} is not in docs/cli.md`);
    }
    assert.ok(guide.includes(`\`sotto ${command.name}`));
  });
}

test('docs/cli.md names no option that there is not', () => {
  const known = new Set(COMMANDS.flatMap(({ flags }) => flags.map(({ name }) => name)));
  const named = [...guide.matchAll(/`--([a-z-]+)/g)].map(([, name]) => name);
  assert.ok(named.length > 20);
  assert.deepEqual(
    named.filter((name) => !known.has(name) && !['version', 'help'].includes(name)),
    [],
  );
});

/** Options of a generation that a command line has no use for, or no way to say. */
const NOT_FLAGS = [
  'specialTokens',
  'logitBias',
  'badWords',
  'forcedTokens',
  'suppressTokens',
  'stopWhen',
  'logprobs',
  'logitsProcessor',
  'numReturnSequences',
  'promptLookup',
  'numBeams',
  'lengthPenalty',
  'earlyStopping',
  'penaltyAlpha',
  'onToken',
  'onPrefillProgress',
  'signal',
];

test('every option of a generation has a flag, or is known to have none', () => {
  const flags = COMMANDS.find(({ name }) => name === 'run').flags.filter(({ of }) => of === 'generate');
  const names = flags.map(({ name }) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase()));
  assert.deepEqual([...names, ...NOT_FLAGS].sort(), Object.keys(generateChecks).sort());
});

/** Command lines that mean nothing, and what is said of them. */
const WRONG = [
  [['tell', 'me'], /there is no command "tell"; there are run, chat, info, ls, rm, help/],
  [['run'], /run needs the SOURCE of a model/],
  [['run', storiesPath], /the prompt is empty/],
  [['run', storiesPath, 'x', '--top_p', '1'], /run has no option --top_p; did you mean --top-p\?/],
  [['run', storiesPath, 'x', '--temp', '1'], /did you mean --temperature\?/],
  [['run', storiesPath, 'x', '--zzzzzz'], /run has no option --zzzzzz\n/],
  [['run', storiesPath, 'x', '-z'], /run has no option -z\n/],
  [['run', storiesPath, 'x', '--top-p'], /--top-p needs a value: --top-p P/],
  [['run', storiesPath, 'x', '--stop', '--quiet'], /--stop needs a value: --stop TEXT/],
  [['run', storiesPath, 'x', '--quiet=yes'], /--quiet takes no value/],
  [['run', storiesPath, 'x', '--top-p', '2'], /--top-p is 2; it must be a number above 0 and at most 1/],
  [['run', storiesPath, 'x', '--top-k', 'many'], /--top-k is "many"; it must be a whole number from 0/],
  [['run', storiesPath, 'x', '--seed', ''], /--seed is ""; it must be a whole number from 0/],
  [['run', storiesPath, 'x', '--seed', '1.5'], /--seed is 1\.5; it must be/],
  [['run', storiesPath, 'x', '-n', '0'], /--max-new-tokens is 0; it must be/],
  [['run', storiesPath, 'x', '--weights', 'q5'], /--weights is "q5"; it must be "auto" or "f32"/],
  [['run', storiesPath, 'x', '--threads', '99'], /--threads is 99; it must be a whole number from 1 to 32/],
  [['run', storiesPath, 'x', '--stop', ''], /--stop is ""; it must be/],
  [['run', storiesPath, 'x', '-t', '0', '--top-k', '5'], /--temperature is 0.*leave --top-k out/],
  [['run', storiesPath, 'x', '--keep-tokens', '5'], /--keep-tokens needs/],
  [['run', storiesPath, 'x', '--response-format', '{"type'], /--response-format is no JSON/],
  [['run', storiesPath, 'x', '--response-format', '{"type":"xml"}'], /--response-format\.type is "xml"/],
  [['run', storiesPath, 'x', '--system', 'a'], /--system is about chats: give --chat, too/],
  [
    ['run', storiesPath, 'x', '--chat', '--tools', '/no/such/file'],
    /--tools: \/no\/such\/file cannot be read/,
  ],
  [['run', storiesPath, 'x', '--chat', '--template-options', '{'], /--template-options is no JSON/],
  [
    ['run', storiesPath, 'x', '--chat', '--template-options', '3'],
    /--template-options is 3; it must be an object/,
  ],
  [['chat'], /chat needs the SOURCE of a model/],
  [['chat', storiesPath, 'x'], /chat takes one SOURCE; what to do with x\?/],
  [['info'], /info needs the SOURCE of one model/],
  [['info', storiesPath, '--seed', '1'], /info has no option --seed/],
  [['run', storiesPath, 'x', '--token', 'secret'], /--token is for models by name/],
  [['run', storiesPath, 'x', '--revision', 'a b'], /--revision is "a b"; it must be a branch/],
  [
    ['run', storiesPath, 'x', '--endpoint', 'ftp://x'],
    /--endpoint is .*; it must be the http: or https: URL/,
  ],
  [['run', 'data:x', 'x'], /a data: URL is one file/],
  [['ls', 'x'], /ls takes no name/],
  [['rm'], /rm needs the NAME of a model/],
  [['rm', 'x', '--all'], /--all deletes everything/],
  [['help', 'tell'], /there is no command "tell"/],
];

for (const [args, complaint] of WRONG) {
  const shown = args.map((arg) => (arg === storiesPath ? 'SOURCE' : JSON.stringify(arg))).join(' ');
  test(`wrong usage is told before anything is loaded: ${shown}`, async () => {
    const { code, stdout, stderr } = await sotto(args);
    assert.match(stderr, complaint);
    assert.doesNotMatch(stderr, /\n {4}at /);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
  });
}
