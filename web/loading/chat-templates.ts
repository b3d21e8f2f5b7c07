import { isObject } from '../base/json.js';
import type { Metadata } from '../base/metadata.js';
import { SottoError } from '../results/errors.js';
import type { PackageFiles } from './package-files.js';

const TEMPLATE = { phase: 'tokenizer', maxBytes: 1 << 20 } as const;

/** Where the others lie, a file each that bears the template's name. */
const OTHERS = { folder: 'additional_chat_templates', ending: '.jinja', atMost: 64 };

/**
 * The chat templates of a folder, as transformers 5 looks for them: chat_template.jinja with additional_chat_templates/, else
 * what tokenizer_config.json has, one or a list by name, else chat_template.json.
 *
 * @param tokenizerConfig The content of tokenizer_config.json.
 * @throws SottoError 'bad-file', 'network'
 */
export async function readHfChatTemplates(
  files: PackageFiles,
  tokenizerConfig: unknown,
): Promise<ReadonlyMap<string, string>> {
  const jinja = await files.readOptionalText('chat_template.jinja', TEMPLATE);
  if (jinja !== undefined) return new Map([['default', jinja], ...(await additionalTemplates(files))]);
  const inConfig = namedTemplates(
    isObject(tokenizerConfig) ? tokenizerConfig.chat_template : undefined,
    'tokenizer_config.json',
  );
  if (inConfig.size > 0) return inConfig;
  const json = await files.readOptionalJson('chat_template.json', TEMPLATE);
  return namedTemplates(isObject(json) ? json.chat_template : undefined, 'chat_template.json');
}

/** The chat templates of a GGUF file: tokenizer.chat_template, and tokenizer.chat_template.NAME for others. */
export function ggufChatTemplates(metadata: Metadata): ReadonlyMap<string, string> {
  const key = 'tokenizer.chat_template';
  const templates = new Map<string, string>();
  for (const [name, value] of metadata) {
    if (typeof value !== 'string' || value === '') continue;
    if (name === key) templates.set('default', value);
    else if (name.startsWith(`${key}.`)) templates.set(name.slice(key.length + 1), value);
  }
  return templates;
}

/** Measures the files that `readHfChatTemplates` reads. */
export async function measureHfChatTemplates(files: PackageFiles, tokenizerConfig: unknown): Promise<void> {
  const measure = (name: string) => files.measure(name, TEMPLATE.phase);
  if (await measure('chat_template.jinja')) {
    for (const name of await additionalNames(files)) await measure(additionalTemplate(name));
  } else if (!isObject(tokenizerConfig) || isEmpty(tokenizerConfig.chat_template)) {
    await measure('chat_template.json');
  }
}

function isEmpty(templates: unknown): boolean {
  return templates == null || (Array.isArray(templates) && templates.length === 0);
}

const additionalTemplate = (name: string) => `${OTHERS.folder}/${name}${OTHERS.ending}`;

/** None where the source has no list of its files: a request for each guess would be much for what hardly any model has. */
async function additionalNames(files: PackageFiles): Promise<string[]> {
  const names = (await files.list(OTHERS.folder)).filter((name) => name.endsWith(OTHERS.ending));
  if (names.length > OTHERS.atMost) {
    throw new SottoError(
      'bad-file',
      `${OTHERS.folder}/ holds ${names.length} chat templates; ${OTHERS.atMost} at most are read`,
    );
  }
  return names.map((name) => name.slice(0, -OTHERS.ending.length));
}

async function additionalTemplates(files: PackageFiles): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for (const name of await additionalNames(files)) {
    const text = await files.readOptionalText(additionalTemplate(name), TEMPLATE);
    if (text !== undefined) found.push([name, text]);
  }
  return found;
}

function namedTemplates(value: unknown, file: string): Map<string, string> {
  if (value === undefined || value === null) return new Map();
  if (typeof value === 'string') return new Map([['default', value]]);
  const entries = Array.isArray(value)
    ? value.map((entry) => (isObject(entry) ? [entry.name, entry.template] : [undefined, undefined]))
    : isObject(value)
      ? Object.entries(value)
      : [[undefined, undefined]];
  const areTexts = entries.every((entry) => entry.every((part) => typeof part === 'string'));
  if (areTexts) return new Map(entries as [string, string][]);
  throw new SottoError(
    'bad-file',
    `${file}: chat_template must be a text, or a list of objects with name and template`,
  );
}
