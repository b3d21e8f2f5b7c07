import type { GenerateOptions } from '../options/generate-options.js';
import { FALLBACK_DEFAULTS, resolveGenerateOptions } from '../options/resolve-generate-options.js';
import type { LanguageModel } from '../page/language-model.js';
import type { ChatMessage } from '../results/chat-message.js';
import { SottoError } from '../results/errors.js';
import { sayFigures, showAnswer } from './answer.js';
import { type Arguments, type Command, EXIT, optionsFor, UsageError } from './command.js';
import { CHAT_FLAGS, GENERATE_FLAGS, LOAD_FLAGS, QUIET, SOURCE_FLAGS } from './flags.js';
import { loadModel } from './load.js';
import { inFlags } from './messages.js';

const CHAT = {
  name: 'chat',
  help: "asks for an answer, in the model's chat format, instead of a continuation",
};

const FLAGS = [CHAT, ...CHAT_FLAGS, ...GENERATE_FLAGS, ...LOAD_FLAGS, ...SOURCE_FLAGS, QUIET];

export const run: Command = {
  name: 'run',
  usage: 'SOURCE [PROMPT]',
  summary: 'continues a prompt, or answers it with --chat',
  description:
    'Prints how the model goes on with PROMPT, as it comes. Where PROMPT is - or left out, it is read from\n' +
    'standard input.',
  flags: FLAGS,
  examples: [
    'models/smollm2-135m "Once upon a time" --seed 7',
    'model.gguf --chat "Why is the sky blue?" --max-new-tokens 100',
  ],
  async run(given) {
    const [source, ...words] = given.positionals;
    if (source === undefined) throw new UsageError('run needs the SOURCE of a model');
    checkTogether(given);
    const prompt = await readPrompt(words);
    const model = await loadModel(source, given);
    try {
      const answer = await showAnswer(start(model, prompt, given));
      if (!given.values.has('quiet')) sayFigures(answer);
      return answer.isInterrupted ? EXIT.interrupted : EXIT.ok;
    } finally {
      await model.dispose();
    }
  },
};

/**
 * Refuses options that contradict each other before anything is loaded.
 *
 * @throws UsageError
 */
export function checkTogether(given: Arguments): void {
  const ofChat = CHAT_FLAGS.find(({ name }) => given.values.has(name));
  if (ofChat !== undefined && !given.values.has('chat')) {
    throw new UsageError(`--${ofChat.name} is about chats: give --chat, too`);
  }
  checkGeneration(given);
}

/** Whatever a model is, its vocabulary and its context are no larger. */
const ANY_MODEL = {
  generationDefaults: FALLBACK_DEFAULTS,
  vocabSize: Number.MAX_SAFE_INTEGER,
  contextLength: Number.MAX_SAFE_INTEGER,
};

/** @throws UsageError for options of a generation that contradict each other */
export function checkGeneration(given: Arguments): void {
  try {
    resolveGenerateOptions(optionsFor('generate', GENERATE_FLAGS, given), ANY_MODEL);
  } catch (error) {
    if (error instanceof SottoError) throw new UsageError(inFlags(error.message), { cause: error });
    throw error;
  }
}

/** What a command line asks of a generation: one answer, whatever the model would rather give. */
export function generateOptions(model: LanguageModel, given: Arguments): GenerateOptions {
  const { numReturnSequences = 1 } = model.info.generationDefaults;
  const options = optionsFor('generate', GENERATE_FLAGS, given);
  return numReturnSequences > 1 ? { ...options, numReturnSequences: 1 } : options;
}

function start(model: LanguageModel, prompt: string, given: Arguments) {
  const options = generateOptions(model, given);
  if (!given.values.has('chat')) return model.generate(prompt, options);
  const system = given.values.get('system');
  const messages: ChatMessage[] = [
    ...(typeof system === 'string' ? [{ role: 'system', content: system }] : []),
    { role: 'user', content: prompt },
  ];
  return model.chat(messages, { ...options, ...optionsFor('chat', CHAT_FLAGS, given) });
}

async function readPrompt(words: readonly string[]): Promise<string> {
  const isPiped = words.length === 0 && process.stdin.isTTY !== true;
  if (!isPiped && words.length === 0) {
    throw new UsageError('run needs a PROMPT, or one on standard input');
  }
  const prompt = isPiped || (words.length === 1 && words[0] === '-') ? await readInput() : words.join(' ');
  if (prompt === '') throw new UsageError('the prompt is empty');
  return prompt;
}

/** All of standard input, without the end of its last line. */
async function readInput(): Promise<string> {
  process.stdin.setEncoding('utf8');
  let text = '';
  for await (const part of process.stdin) text += String(part);
  return text.replace(/\r?\n$/, '');
}
