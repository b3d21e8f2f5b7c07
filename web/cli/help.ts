import type { Command, Flag } from './command.js';
import { HELP } from './flags.js';
import { formatTable } from './format.js';

/** The list of commands. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, usage, summary }) => [`sotto ${name} ${usage}`.trimEnd(), summary]);
  const others = [
    ['sotto help [COMMAND]', 'what a command does, and its options'],
    ['sotto --version', 'the version of the package'],
  ];
  return (
    'sotto runs language models on this machine, on the CPU.\n\n' +
    `${formatTable([...rows, ...others], '  ')}\n` +
    "SOURCE is the name of a model ('owner/name', 'owner/name:Q4_K_M'), its folder, a .gguf file, or a URL of these.\n"
  );
}

/** What a command does, and its options. */
export function helpOf({ name, usage, description, flags, examples }: Command): string {
  const rows = [...flags, HELP].map((flag) => [shownFlag(flag), flag.help]);
  const shown = examples.map((example) => `  sotto ${name} ${example}\n`).join('');
  return (
    `${`sotto ${name} ${usage}`.trimEnd()} ` +
    `[options]\n\n${description}\n\nOptions\n${formatTable(rows, '  ')}` +
    (shown === '' ? '' : `\nExamples\n${shown}`)
  );
}

function shownFlag({ name, short, value }: Flag): string {
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}
