import type { ChatOptions } from '../options/chat-options.js';
import { completeChat } from '../options/chat-options.js';
import type { Session } from '../page/session.js';
import { SottoError } from '../results/errors.js';
import { sayFigures, showAnswer } from './answer.js';
import { type Lines, nextMessage, PipedLines, TypedLines } from './chat-lines.js';
import { type Command, EXIT, optionsFor, UsageError } from './command.js';
import { CHAT_FLAGS, GENERATE_FLAGS, LOAD_FLAGS, QUIET, SOURCE_FLAGS } from './flags.js';
import { loadModel } from './load.js';
import { failureMessage } from './messages.js';
import { checkGeneration, generateOptions } from './run.js';
import { dim, isInteractive, say } from './terminal.js';

const HELP = `/system TEXT   gives the model a system message; without TEXT takes it away
/reset         begins a new conversation
/exit          ends the program, as Ctrl-D does
/help          shows this
A backslash at the end of a line goes on with the next one. Ctrl-C ends an answer.
`;

export const chat: Command = {
  name: 'chat',
  usage: 'SOURCE',
  summary: 'a conversation',
  description:
    "Answers what you type, in the model's chat format. From a file or a pipe each line is a message.\n" +
    'Lines that begin with /help, /system, /reset and /exit are commands.',
  flags: [...CHAT_FLAGS, ...GENERATE_FLAGS, ...LOAD_FLAGS, ...SOURCE_FLAGS, QUIET],
  examples: ['models/smollm2-135m-instruct --system "Answer in one sentence."'],
  async run(given) {
    const [source, ...others] = given.positionals;
    if (source === undefined) throw new UsageError('chat needs the SOURCE of a model');
    if (others.length > 0)
      throw new UsageError(`chat takes one SOURCE; what to do with ${others.join(' ')}?`);
    checkGeneration(given);
    const model = await loadModel(source, given);
    const isTyped = isInteractive();
    const lines = isTyped ? new TypedLines() : new PipedLines();
    try {
      const ofTemplate = optionsFor('chat', CHAT_FLAGS, given);
      completeChat([], ofTemplate, model.info); // what cannot chat says so before anybody has typed
      const conversation = new Conversation(await model.createSession(), {
        options: { ...generateOptions(model, given), ...ofTemplate },
        saysFigures: !given.values.has('quiet'),
        isTyped,
      });
      const system = given.values.get('system');
      if (typeof system === 'string') await conversation.setSystem(system);
      if (isTyped) say(`${dim('/help tells what there is besides messages.')}\n`);
      await conversation.follow(lines);
    } finally {
      lines.close();
      await model.dispose();
    }
    return EXIT.ok;
  },
};

class Conversation {
  readonly #session: Session;
  readonly #options: ChatOptions;
  readonly #saysFigures: boolean;
  readonly #isTyped: boolean;

  constructor(
    session: Session,
    { options, saysFigures, isTyped }: { options: ChatOptions; saysFigures: boolean; isTyped: boolean },
  ) {
    this.#session = session;
    this.#options = options;
    this.#saysFigures = saysFigures;
    this.#isTyped = isTyped;
  }

  /** Answers message after message, to their end. */
  async follow(lines: Lines): Promise<void> {
    for (;;) {
      const message = await nextMessage(lines);
      if (message === null) return;
      const [, command, rest = ''] = /^\/([a-z]+)(?:\s+([\s\S]*))?$/.exec(message.trim()) ?? [];
      try {
        if (command === 'exit') return;
        if (command !== undefined) await this.#obey(command, rest);
        else if (message.trim() !== '') await this.#answer(message);
      } catch (error) {
        // Whoever types can go on; the session is what it was.
        if (!this.#isTyped || !(error instanceof SottoError) || error.code === 'engine-crashed') throw error;
        say(`${failureMessage(error)}\n`);
      }
    }
  }

  /** Gives the conversation another system message, or none. */
  async setSystem(text: string): Promise<void> {
    const others = (await this.#session.messages()).filter(({ role }) => role !== 'system');
    const system = text === '' ? [] : [{ role: 'system', content: text }];
    await this.#session.setMessages([...system, ...others]);
  }

  async #obey(command: string, rest: string): Promise<void> {
    switch (command) {
      case 'help':
        return say(HELP);
      case 'system':
        await this.setSystem(rest);
        return this.#note(rest === '' ? 'there is no system message now' : 'the system message is set');
      case 'reset': {
        const system = (await this.#session.messages()).filter(({ role }) => role === 'system');
        await this.#session.setMessages(system);
        return this.#note('the conversation begins anew');
      }
      default:
        return say(`there is no command /${command}; /help tells which there are\n`);
    }
  }

  async #answer(message: string): Promise<void> {
    const answer = await showAnswer(this.#session.chat(message, this.#options));
    if (this.#saysFigures) sayFigures(answer);
  }

  #note(text: string): void {
    if (this.#saysFigures) say(`${dim(text)}\n`);
  }
}
