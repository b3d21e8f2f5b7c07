import { readFileSync } from 'node:fs';
import { chatChecks } from '../options/chat-options.js';
import { loadChecks } from '../options/load-options.js';
import type { Check } from '../options/option-checks.js';
import { generateChecks } from '../options/resolve-generate-options.js';
import { messageOf } from '../results/thrown.js';
import { ModelStore } from '../stores/model-store.js';
import { type Flag, optionName, UsageError } from './command.js';

type Checked = 'load' | 'generate' | 'chat';

/** The library's own checks, by whose options they are. */
const CHECKS: Readonly<Record<Checked, Readonly<Record<string, Check<unknown>>>>> = {
  load: loadChecks,
  generate: generateChecks,
  chat: chatChecks,
};

/** A number where the text is one: else the check says what is expected. */
function numberOrText(text: string): unknown {
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? number : text;
}

/** An option of the library. What it does not know is handed over as it is, and refused by it. */
function option(
  of: Checked,
  name: string,
  value: string,
  help: string,
  parse: (text: string, shownName: string) => unknown = numberOrText,
): Flag {
  const check = CHECKS[of][optionName({ name })];
  return {
    name,
    value,
    help,
    of,
    read: (text, shownName) => {
      const parsed = parse(text, shownName);
      return check === undefined ? parsed : check(parsed, shownName);
    },
  };
}

const asText = (text: string) => text;

function fileText(path: string, shownName: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`${shownName}: ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function json(text: string, shownName: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${shownName} is no JSON: ${messageOf(cause)}`, { cause });
  }
}

/** Where models of the hub are kept. */
export const STORE_FLAG: Flag = option(
  'load',
  'store',
  'FOLDER',
  'where fetched models are kept; default: $SOTTO_CACHE, else ~/.cache/sotto/models',
  (folder) => new ModelStore({ folder }),
);

/** Where a model comes from. */
export const SOURCE_FLAGS: readonly Flag[] = [
  option('load', 'revision', 'NAME', 'branch, tag or commit of a model by name; default: main', asText),
  option('load', 'subfolder', 'PATH', 'where in its repository the model lies', asText),
  option('load', 'endpoint', 'URL', 'the hub, or a mirror; default: https://huggingface.co', asText),
  option('load', 'token', 'TOKEN', 'for private and gated models; default: $HF_TOKEN', asText),
  { name: 'update', help: 'asks the hub whether a model that is kept has changed', of: 'load' },
  STORE_FLAG,
  { name: 'no-store', help: 'keeps nothing of what is fetched' },
  option('load', 'retries', 'N', 'how often a request that failed is tried again; default: 5'),
];

/** How a model is loaded. */
export const LOAD_FLAGS: readonly Flag[] = [
  option('load', 'weights', 'TYPE', 'auto, f32, q8 or q4: how weights are kept; default: auto', asText),
  option('load', 'threads', 'N', '1 to 32, or auto; default: auto'),
  option('load', 'variant', 'NAME', "auto, or which of the package's binaries runs; default: auto", asText),
  option('load', 'memory-limit', 'BYTES', 'the most that the engine may allocate; default: 4 GiB'),
];

/** How a text is continued. */
export const GENERATE_FLAGS: readonly Flag[] = [
  {
    ...option(
      'generate',
      'max-new-tokens',
      'N',
      "the most tokens of the answer; default: the model's, else 256",
    ),
    short: 'n',
  },
  option('generate', 'min-new-tokens', 'N', 'no end before so many tokens'),
  {
    ...option(
      'generate',
      'temperature',
      'T',
      "0 takes the most likely token, 1 draws; default: the model's, else 0",
    ),
    short: 't',
  },
  option('generate', 'top-k', 'K', 'draws among the K most likely tokens; 0 is off'),
  option('generate', 'top-p', 'P', 'draws among the most likely tokens that reach P together; 1 is off'),
  option('generate', 'min-p', 'P', 'drops tokens below this share of the largest probability; 0 is off'),
  option('generate', 'typical-p', 'P', 'draws among the most typical tokens that reach P together; 1 is off'),
  option('generate', 'epsilon-cutoff', 'P', 'drops tokens below this probability; 0 is off'),
  option('generate', 'eta-cutoff', 'P', 'the same, with a lower limit where many are likely; 0 is off'),
  option('generate', 'repetition-penalty', 'F', 'above 1, tokens that were there come less likely again'),
  option('generate', 'frequency-penalty', 'F', '-2 to 2, for each time that the answer has a token'),
  option('generate', 'presence-penalty', 'F', '-2 to 2, once for each token that the answer has'),
  option('generate', 'no-repeat-ngram-size', 'N', 'no N tokens come twice in a row; 0 is off'),
  option('generate', 'seed', 'N', 'the same seed gives the same tokens; default: random'),
  {
    ...option(
      'generate',
      'stop',
      'TEXT',
      'ends the answer before this text; may be given several times',
      asText,
    ),
    isMultiple: true,
  },
  option('generate', 'max-time', 'MS', 'ends the answer after so many milliseconds'),
  option(
    'generate',
    'overflow',
    'WHAT',
    'stop, error or slide, when the context is full; default: stop',
    asText,
  ),
  option('generate', 'keep-tokens', 'N', 'how many first tokens slide keeps; default: 4'),
  option(
    'generate',
    'response-format',
    'FORM',
    'what the answer must look like, as JSON: {"type":"json"}; or a file of it that ends in .json',
    (text, shownName) => json(text.endsWith('.json') ? fileText(text, shownName) : text, shownName),
  ),
];

/** How messages become a prompt. */
export const CHAT_FLAGS: readonly Flag[] = [
  {
    name: 'system',
    value: 'TEXT',
    help: 'a system message, before all others',
  },
  option(
    'chat',
    'chat-template',
    'NAME',
    "one of the model's templates, chatml, llama3, gemma or zephyr, or a file that ends in .jinja",
    (text, shownName) => (text.endsWith('.jinja') ? fileText(text, shownName) : text),
  ),
  option('chat', 'template-options', 'JSON', 'what else the template reads: {"enable_thinking":false}', json),
  option('chat', 'tools', 'FILE', 'a JSON file: the functions that the model may call', (path, shownName) =>
    json(fileText(path, shownName), `${shownName} ${path}`),
  ),
  option('chat', 'tool-choice', 'CHOICE', 'auto, none, required, or the name of a tool', (text) =>
    ['auto', 'none', 'required'].includes(text) ? text : { name: text },
  ),
];

export const QUIET: Flag = { name: 'quiet', short: 'q', help: 'no progress and no figures' };

export const HELP: Flag = { name: 'help', short: 'h', help: 'shows this' };
