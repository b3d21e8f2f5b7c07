import { chat } from './chat.js';
import type { Command } from './command.js';
import { info } from './info.js';
import { ls, rm } from './kept.js';
import { run } from './run.js';

/** What `sotto` can do. */
export const COMMANDS: readonly Command[] = [run, chat, info, ls, rm];
