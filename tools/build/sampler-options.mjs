// What TypeScript and docs/api.md say of the sampler's options, from the one list in src/sampling/samplers.inc.
import { readFile } from 'node:fs/promises';
import { UserError } from '../lib/console.mjs';
import { inRepository } from '../lib/folders.mjs';
import { writeIfChanged } from './files.mjs';

const LIST = inRepository('src/sampling/samplers.inc');
const TYPESCRIPT = inRepository('web/options/sampler-options.ts');
const REFERENCE = inRepository('docs/api.md');

const TABLE_BEGIN = '<!-- The table down to the next comment is made from src/sampling/samplers.inc. -->';
const TABLE_END = '<!-- The end of the table of samplers.inc. -->';

/** biome.json's lineWidth, and the width of comments. */
const LINE_WIDTH = 110;
const COMMENT_WIDTH = 120;

/** The list's types: in TypeScript, and the check of option-checks.ts for those that are no numbers. */
const TYPES = {
  float: { type: 'number' },
  int32_t: { type: 'number' },
  TokenIds: { type: 'readonly number[]', check: 'tokenIds', neutral: '[]' },
  TokenSequences: { type: 'readonly (readonly number[])[]', check: 'tokenSequences', neutral: '[]' },
  TokenBiases: { type: 'TokenBiases', check: 'tokenBiases', neutral: '{}' },
};

/** Under which heading the API's reference shows an option (`@group`): filters under the first, processors by their names. */
const FILTERS_GROUP = 'What is chosen';
const PROCESSOR_GROUPS = {
  'What is allowed': ['logitBias', 'badWords', 'forcedTokens', 'suppressTokens'],
  Repetition: ['repetitionPenalty', 'frequencyPenalty', 'presencePenalty', 'noRepeatNgramSize'],
  'When it ends': ['minNewTokens'],
};

/** No row of the list: not a step of the chain, but an option beside the others. */
const SEED = {
  kind: 'seed',
  group: FILTERS_GROUP,
  jsName: 'seed',
  type: 'number',
  check: 'integer(0, Number.MAX_SAFE_INTEGER)',
  words: 'A whole number from 0 to 2^53 - 1.',
  byDefault: 'random; the result tells it',
  meaning: 'Begins the random numbers: the same seed makes the same choices.',
};

/**
 * The rows: filters, which come first in what people read, then processors, then the seed.
 *
 * @param {string} list the text of samplers.inc
 */
export function readSamplers(list) {
  const pattern =
    /^SOTTO_(PROCESSOR|FILTER)\((\w+), (\w+), (\w+), ([^,]+),((?:\s*"(?:[^"\\]|\\.)*",?)+)\)$/gm;
  const rows = Array.from(list.matchAll(pattern), ([, kind, name, jsName, cppType, neutral, strings]) => {
    const texts = JSON.parse(`[${strings.replaceAll(/"\s+"/g, '')}]`); // C++ joins neighbouring strings
    if (texts.length !== 4 || TYPES[cppType] === undefined) {
      throw new UserError(`samplers.inc: the row ${name} has ${texts.length} texts and the type ${cppType}`);
    }
    const [range, configName, byDefault, meaning] = texts;
    const type = TYPES[cppType];
    return {
      kind: kind.toLowerCase(),
      group: kind === 'FILTER' ? FILTERS_GROUP : groupOfProcessor(jsName),
      jsName,
      configName,
      byDefault,
      meaning,
      type: type.type,
      neutral: type.neutral ?? String(Number.parseFloat(neutral)),
      ...(type.check === undefined ? rangeOf(range, cppType) : { check: type.check, words: '' }),
    };
  });
  const nRows = list.match(/^SOTTO_/gm)?.length ?? 0;
  if (rows.length !== nRows) throw new UserError(`samplers.inc: ${nRows - rows.length} rows cannot be read`);
  const isFilter = ({ kind }) => kind === 'filter';
  return [...rows.filter(isFilter), ...rows.filter((row) => !isFilter(row)), SEED];
}

function groupOfProcessor(jsName) {
  const [group] = Object.entries(PROCESSOR_GROUPS).find(([, names]) => names.includes(jsName)) ?? [];
  if (group === undefined) throw new UserError(`sampler-options.mjs: ${jsName} needs a group`);
  return group;
}

/** An interval such as (0, 1], as a check and in words. */
function rangeOf(range, cppType) {
  const [, open, least, most, close] = /^([[(])(-?\w+), (-?\w+)([\])])$/.exec(range) ?? [];
  if (open === undefined) throw new UserError(`samplers.inc: ${range} is no interval`);
  if (cppType === 'int32_t') {
    return { check: `integer(${least}, ${most})`, words: `A whole number from ${least} to ${most}.` };
  }
  const isOver = open === '(';
  const isBelow = close === ')';
  const lower = isOver ? `above ${least}` : `from ${least}`;
  const upper = isBelow ? `below ${most}` : `at most ${most}`;
  let words = `a number ${lower} ${isOver ? 'and' : 'to'} ${isOver || isBelow ? upper : most}`;
  if (most === 'inf') words = isOver ? `a number above ${least}` : `a number, ${least} or more`;
  const conditions = [`value ${isOver ? '>' : '>='} ${least}`];
  if (most !== 'inf') conditions.push(`value ${isBelow ? '<' : '<='} ${most}`);
  return {
    check: `float32((value) => ${conditions.join(' && ')}, '${words}')`,
    words: `${words[0].toUpperCase()}${words.slice(1)}.`,
  };
}

/** A TSDoc comment with its group. */
function comment(text, group, indent) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (indent.length + 2 + longer.length <= COMMENT_WIDTH) lines[lines.length - 1] = longer;
    else lines.push(` ${word}`);
  }
  const all = [...lines, '', ` @group ${group}`];
  return [`${indent}/**`, ...all.map((each) => `${indent} *${each}`), `${indent} */`].join('\n');
}

/** A list of strings as biome breaks it. */
function stringList(begin, strings, end) {
  const quoted = strings.map((string) => `'${string}'`);
  const line = `${begin}${quoted.join(', ')}${end}`;
  return line.length <= LINE_WIDTH ? line : [begin, ...quoted.map((each) => `  ${each},`), end].join('\n');
}

/** web/options/sampler-options.ts */
export function samplerTypeScript(rows) {
  const withoutSeed = rows.filter(({ kind }) => kind !== 'seed');
  const doc = ({ meaning, words, byDefault }) =>
    [meaning, words, `Default: ${byDefault}.`].filter(Boolean).join(' ');
  const each = (some, line) => some.map(line).join('\n');
  const inConfig = withoutSeed.filter(({ configName }) => configName !== '');
  return `// Made from src/sampling/samplers.inc by tools/build/sampler-options.mjs, which \`npm run build\` runs: change the list.
import { type Checks, float32, integer } from './option-checks.js';
import { tokenBiases, tokenIds, tokenSequences } from './token-ids.js';

/** What is added to logits, by token id. */
export type TokenBiases = Readonly<Record<number, number>> | ReadonlyMap<number, number>;

/** How tokens are chosen: docs/sampling.md has the formulas. */
export interface SamplerOptions {
${each(rows, (row) => `${comment(doc(row), row.group, '  ')}\n  ${row.jsName}: ${row.type};`)}
}

/** The options that make a step of the chain. */
export type ChainOptions = Omit<SamplerOptions, 'seed'>;

export const samplerChecks: Checks<SamplerOptions> = {
${each(rows, ({ jsName, check }) => `  ${jsName}: ${check},`)}
};

/** The values with which nothing is done to the logits. */
export const NEUTRAL_SAMPLER_OPTIONS: ChainOptions = {
${each(withoutSeed, ({ jsName, neutral }) => `  ${jsName}: ${neutral},`)}
};

/** The options that matter only when tokens are drawn. */
${stringList(
  'export const FILTERS = [',
  withoutSeed.filter(({ kind }) => kind === 'filter').map(({ jsName }) => jsName),
  '] as const;',
)}

/** The options' names in generation_config.json, for those that it can hold. */
export const CONFIG_NAMES = {
${each(inConfig, ({ jsName, configName }) => `  ${jsName}: '${configName}',`)}
} as const;
`;
}

/** A sentence without its capital and its full stop. */
const asCell = (sentence) => sentence[0].toLowerCase() + sentence.slice(1).replace(/\.$/, '');

/** docs/api.md with its table of the sampler's options. */
export function referenceWithSamplers(reference, rows) {
  const begin = reference.indexOf(TABLE_BEGIN);
  const end = reference.indexOf(TABLE_END);
  if (begin < 0 || end < begin)
    throw new UserError(`docs/api.md lacks one of the lines\n${TABLE_BEGIN}\n${TABLE_END}`);
  const table = [
    '| how `generate` chooses | meaning | default |',
    '| --- | --- | --- |',
    ...rows.map(({ jsName, meaning, byDefault }) => `| \`${jsName}\` | ${asCell(meaning)} | ${byDefault} |`),
  ];
  return `${reference.slice(0, begin + TABLE_BEGIN.length)}\n${table.join('\n')}\n${reference.slice(end)}`;
}

/** @returns {Promise<Record<string, string>>} the files that come from the list, by path, as they should be */
export async function samplerFiles() {
  const rows = readSamplers(await readFile(LIST, 'utf8'));
  return {
    [TYPESCRIPT]: samplerTypeScript(rows),
    [REFERENCE]: referenceWithSamplers(await readFile(REFERENCE, 'utf8'), rows),
  };
}

export async function writeSamplerOptions() {
  for (const [path, text] of Object.entries(await samplerFiles())) await writeIfChanged(path, text);
}
