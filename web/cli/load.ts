import type { LoadOptions } from '../options/load-options.js';
import { LanguageModel } from '../page/language-model.js';
import { resolveSource } from '../sources/spec.js';
import { type Arguments, optionsFor } from './command.js';
import { LOAD_FLAGS, SOURCE_FLAGS } from './flags.js';
import { ProgressBar } from './progress-bar.js';
import { dim, printable, say, showsProgress } from './terminal.js';

/** The options that say where a model comes from. The token of the environment is for models by name, and for nothing else. */
export function sourceOptions(source: string, given: Arguments): LoadOptions {
  const options: LoadOptions = optionsFor('load', SOURCE_FLAGS, given);
  if (given.values.has('no-store')) options.store = false;
  const token = process.env.HF_TOKEN;
  const wantsToken = token && options.token === undefined && resolveSource(source).kind === 'hub';
  return wantsToken ? { ...options, token } : options;
}

/** Loads the model that the command line names, in a thread of its own, so that Ctrl-C arrives at once. */
export async function loadModel(source: string, given: Arguments): Promise<LanguageModel> {
  const options = {
    ...sourceOptions(source, given),
    ...optionsFor('load', LOAD_FLAGS, given),
  } as LoadOptions;
  const draws = showsProgress() && !given.values.has('quiet');
  const bar = new ProgressBar({
    write: say,
    columns: () => process.stderr.columns || 80,
    now: () => performance.now(),
  });
  const model = await LanguageModel.load(source, {
    ...options,
    worker: true,
    ...(draws && { onProgress: ({ all }) => bar.update(all) }),
  }).finally(() => bar.end());
  for (const notice of given.values.has('quiet') ? [] : model.info.notices) {
    say(`${dim(`note: ${printable(notice)}`)}\n`);
  }
  return model;
}
