import type { GenerationDefaults } from '../options/model-info.js';
import { CONFIG_NAMES, NEUTRAL_SAMPLER_OPTIONS } from '../options/sampler-options.js';
import { type Command, EXIT, type Flag, UsageError } from './command.js';
import { SOURCE_FLAGS } from './flags.js';
import { formatBytes, formatCount, formatTable } from './format.js';
import { sourceOptions } from './load.js';
import { memoryOf } from './memory.js';
import { type FileFacts, readFileFacts } from './model-facts.js';
import { printable, writeOut } from './terminal.js';

const FLAGS: readonly Flag[] = [
  { name: 'template', value: 'NAME', help: 'prints that chat template, and nothing else' },
  { name: 'json', help: 'prints it all as JSON, for programs' },
];

export const info: Command = {
  name: 'info',
  usage: 'SOURCE',
  summary: 'what a model is, without loading its weights',
  description: 'Tells what the files of a model say of it. Of the weights only the headers are read.',
  flags: [...FLAGS, ...SOURCE_FLAGS],
  examples: ['model.gguf', 'models/smollm2-135m-instruct --template default'],
  async run(given) {
    const { positionals, values } = given;
    const [source, ...others] = positionals;
    if (source === undefined || others.length > 0) throw new UsageError('info needs the SOURCE of one model');
    const options = sourceOptions(source, given);
    const facts = await readFileFacts(source, options);
    const name = values.get('template');
    if (typeof name === 'string') await writeOut(templateNamed(name, facts));
    else await writeOut(values.has('json') ? asJson(facts) : asText(facts, await memoryOf(source, options)));
    return EXIT.ok;
  },
};

function templateNamed(name: string, { chatTemplates }: FileFacts): string {
  const template = chatTemplates.get(name);
  if (template !== undefined) return template.endsWith('\n') ? template : `${template}\n`;
  const names = [...chatTemplates.keys()].join(', ');
  const known = names === '' ? 'the model has none' : `there are ${names}`;
  throw new UsageError(`--template: there is no chat template ${JSON.stringify(name)}; ${known}`);
}

function asJson(facts: FileFacts): string {
  const { config, chatTemplates, heads, ...others } = facts;
  const { contextLength, vocabSize, hiddenSize, layers } = config;
  const { nHeads = null, nKvHeads = null, headDim = null } = heads ?? {};
  const sizes = { contextLength, vocabSize, nLayers: layers.length, hiddenSize, nHeads, nKvHeads, headDim };
  const { facts: named, ...rest } = others;
  const all = { ...named, ...sizes, ...rest, chatTemplates: [...chatTemplates.keys()] };
  return `${JSON.stringify(all, null, 2)}\n`;
}

/** @param memory Rows of a table. */
function asText(facts: FileFacts, memory: string[][]): string {
  const { name, license, fileType } = facts.facts;
  const { config, tensors } = facts;
  const rows: [string, string | null][] = [
    ['name', name],
    ['licence', license],
    ['architecture', facts.architecture],
    ['parameters', formatCount(facts.nParameters)],
    ['context', `${config.contextLength} tokens`],
    ['layers', layersOf(facts)],
    ['vocabulary', `${config.vocabSize} tokens`],
    ['tokenizer', tokenizerOf(facts)],
    ['chat templates', [...facts.chatTemplates.keys()].join(', ') || 'none'],
    ['end tokens', facts.eosTokenIds.join(', ') || null],
    ['sampling', samplingOf(facts.generationDefaults)],
    ['mixture', fileType],
    ['not needed', facts.nSkipped === 0 ? null : `${facts.nSkipped} tensors`],
  ];
  const known = rows.filter((row): row is [string, string] => row[1] !== null);
  return printable(
    formatTable(known) +
      section(
        'tensors',
        tensors.map(({ type, count, bytes }) => [type, String(count), formatBytes(bytes)]),
      ) +
      section(
        'files',
        facts.files.map((file) => [file.name, file.size === null ? '' : formatBytes(file.size)]),
      ) +
      section('memory', memory) +
      section(
        'notices',
        facts.notices.map((notice) => [notice]),
      ),
  );
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `${title}\n${formatTable(rows, '  ')}`;
}

function layersOf({ config, heads }: FileFacts): string {
  const layers = `${config.layers.length}, ${config.hiddenSize} wide`;
  if (heads === null) return layers;
  const shared = heads.nKvHeads === heads.nHeads ? '' : `, ${heads.nKvHeads} of keys and values`;
  return `${layers}, ${heads.nHeads} heads of ${heads.headDim}${shared}`;
}

function tokenizerOf({ tokenizer }: FileFacts): string {
  if (tokenizer === null) return 'none: token ids go in and come out';
  return `${tokenizer.kind}, ${tokenizer.nTokens} tokens, ${tokenizer.nAdded} added`;
}

/** What the model asks for at generation, where it is not what everybody does. */
function samplingOf(defaults: GenerationDefaults): string {
  if (defaults.temperature === 0) return 'greedy';
  const names = (Object.keys(CONFIG_NAMES) as (keyof typeof CONFIG_NAMES)[]).filter(
    (name) => typeof defaults[name] === 'number' && defaults[name] !== NEUTRAL_SAMPLER_OPTIONS[name],
  );
  return names.map((name) => `${CONFIG_NAMES[name]} ${defaults[name]}`).join(', ') || 'temperature 1';
}
