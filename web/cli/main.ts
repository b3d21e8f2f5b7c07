#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { SottoError } from '../results/errors.js';
import { readArguments } from './arguments.js';
import { EXIT, UsageError } from './command.js';
import { COMMANDS } from './commands.js';
import { helpOf, overview } from './help.js';
import { listenToInterrupts } from './interrupts.js';
import { failureMessage } from './messages.js';
import { endWithReaders, say, writeOut } from './terminal.js';

/** What the library says of a command line that means nothing. */
const USAGE_CODES: readonly string[] = ['bad-option', 'unknown-option'];

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function commandNamed(name: string) {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const names = [...COMMANDS.map((each) => each.name), 'help'].join(', ');
  throw new UsageError(`there is no command ${JSON.stringify(name)}; there are ${names}`);
}

/** @returns The exit status. */
async function main([name, ...rest]: readonly string[]): Promise<number> {
  if (name === '--version' || name === '-v') {
    await writeOut(`${version()}\n`);
    return EXIT.ok;
  }
  if (name === undefined) throw new UsageError(`there is no command\n\n${overview(COMMANDS).trimEnd()}`);
  if (name === 'help' || name === '--help' || name === '-h') {
    const [about] = rest;
    await writeOut(about === undefined ? overview(COMMANDS) : helpOf(commandNamed(about)));
    return EXIT.ok;
  }
  const command = commandNamed(name);
  const given = readArguments(command, rest);
  if (given.values.has('help')) {
    await writeOut(helpOf(command));
    return EXIT.ok;
  }
  return command.run(given);
}

endWithReaders();
listenToInterrupts();
const args = process.argv.slice(2);
try {
  process.exitCode = await main(args);
} catch (error) {
  if (error instanceof UsageError) {
    const known = COMMANDS.some(({ name }) => name === args[0]);
    say(`sotto: ${error.message}\n${known ? `sotto help ${args[0]} tells all options\n` : ''}`);
    process.exitCode = EXIT.usage;
  } else {
    say(`sotto: ${failureMessage(error)}\n`);
    const isUsage = error instanceof SottoError && USAGE_CODES.includes(error.code);
    process.exitCode = isUsage ? EXIT.usage : EXIT.failure;
  }
}
