import { ModelStore, type StoredModel } from '../stores/model-store.js';
import { type Arguments, type Command, EXIT, type Flag, UsageError } from './command.js';
import { STORE_FLAG } from './flags.js';
import { formatBytes, formatTable } from './format.js';
import { printable, say, writeOut } from './terminal.js';

const JSON_FLAG: Flag = { name: 'json', help: 'prints it all as JSON, for programs' };
const ALL: Flag = { name: 'all', help: 'deletes everything that is kept' };
const REVISION: Flag = {
  name: 'revision',
  value: 'NAME',
  help: 'only what was loaded of that revision or commit',
};

export const ls: Command = {
  name: 'ls',
  usage: '',
  summary: 'the models that are kept on this machine',
  description:
    'Lists what is kept of models that were fetched, by name or by URL, the latest used first: the name, the\n' +
    'bytes that are here, those that there are, when it was used last, and its commit.',
  flags: [JSON_FLAG, STORE_FLAG],
  examples: [],
  async run(given) {
    if (given.positionals.length > 0) throw new UsageError('ls takes no name; it lists all models');
    const models = await storeOf(given).list();
    if (given.values.has('json')) await writeOut(`${JSON.stringify(models, null, 2)}\n`);
    else if (models.length === 0) say('nothing is kept\n');
    else await writeOut(printable(formatTable(models.map(rowOf))));
    return EXIT.ok;
  },
};

export const rm: Command = {
  name: 'rm',
  usage: 'NAME...',
  summary: 'deletes models that are kept',
  description: 'Deletes what is kept of the models with these names, as sotto ls tells them.',
  flags: [REVISION, ALL, STORE_FLAG],
  examples: ['owner/name', 'owner/name --revision v2', '--all'],
  async run(given) {
    const { positionals, values } = given;
    const store = storeOf(given);
    if (values.has('all')) {
      if (positionals.length > 0 || values.has('revision')) {
        throw new UsageError('--all deletes everything: leave names and --revision out');
      }
      await store.clear();
      return EXIT.ok;
    }
    if (positionals.length === 0) throw new UsageError('rm needs the NAME of a model; sotto ls tells them');
    const revision = values.get('revision');
    let status: number = EXIT.ok;
    for (const name of positionals) {
      if (await store.delete(name, typeof revision === 'string' ? { revision } : {})) continue;
      say(`sotto: nothing is kept of ${JSON.stringify(name)}; sotto ls tells what is\n`);
      status = EXIT.failure;
    }
    return status;
  },
};

function storeOf({ values }: Arguments): ModelStore {
  return (values.get('store') as ModelStore | undefined) ?? new ModelStore();
}

function rowOf({ name, bytes, totalBytes, isComplete, lastUsed, revision }: StoredModel): string[] {
  const size = isComplete ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`;
  const day = lastUsed.toISOString().slice(0, 16).replace('T', ' ');
  return [name, size, day, revision?.slice(0, 12) ?? ''];
}
