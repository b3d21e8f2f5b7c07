import type { Metadata } from '../../base/metadata.js';
import { MetadataReader } from './metadata-reader.js';

/** Tokens that end a turn or a text, whatever the file says of them: those that llama.cpp ends at. */
export const END_TEXTS: ReadonlySet<string> = new Set([
  '<|eot_id|>',
  '<|im_end|>',
  '<|end|>',
  '<|return|>',
  '<|call|>',
  '<|flush|>',
  '<|calls|>',
  '<end_of_turn>',
  '<|endoftext|>',
  '</s>',
  '<|eom_id|>',
  '<EOT>',
  '_<EOT>',
  '[EOT]',
  '[EOS]',
  '<|end_of_text|>',
  '<end_of_utterance>',
  '<eos>',
  '<turn|>',
  '<|tool_response>',
  '<\uFF5Cend\u2581of\u2581sentence\uFF5C>',
]);

/** Tokens of models that fill in a text's middle: those behind which the rest is no text. */
const FILL_IN_ENDS = [
  '<|fim_pad|>',
  '<fim-pad>',
  '<fim_pad>',
  '<|fim_repo|>',
  '<|repo_name|>',
  '<fim-repo>',
  '<reponame>',
  '<|file_sep|>',
];

/** These, and those around the parts. */
export const FILL_IN_TEXTS: ReadonlySet<string> = new Set([
  ...FILL_IN_ENDS,
  ...['prefix', 'suffix', 'middle'].flatMap((part) => [
    `<|fim_${part}|>`,
    `<fim-${part}>`,
    `<fim_${part}>`,
    `<|code_${part}|>`,
    `<|${part}|>`,
  ]),
  ...['begin', 'hole', 'end'].map((part) => `<\uFF5Cfim\u2581${part}\uFF5C>`),
  ...['PRE', 'SUF', 'MID'].flatMap((part) => [`<${part}>`, `\u2581<${part}>`]),
]);

/**
 * The ids of the tokens that a GGUF file's model ends with: those that its keys name, and those whose text says so.
 *
 * @throws SottoError 'bad-file' for keys that name no token.
 */
export function readGgufEndTokenIds(metadata: Metadata): number[] {
  const reader = new MetadataReader(metadata);
  if (reader.get('tokens') === undefined) return [];
  const texts = reader.texts('tokens');
  const named = ['eos_token_id', 'eot_token_id', 'eom_token_id'].map((key) => reader.id(key, texts.length));
  const ends = new Set(named.filter((id) => id !== undefined));
  const has = (text: string) => texts.includes(text);
  // There a message ends with <|end|>, and the turn goes on.
  const hasChannels = has('<|return|>') && has('<|call|>');
  texts.forEach((text, id) => {
    if (hasChannels && text === '<|end|>') return;
    if (END_TEXTS.has(text) || FILL_IN_ENDS.includes(text)) ends.add(id);
  });
  return Array.from(ends);
}
