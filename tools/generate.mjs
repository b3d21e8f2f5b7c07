// npm run generate -- "Once upon a time" [--temperature 0.8] ...: streams a story to the terminal, from the built package.
import { parseArgs } from 'node:util';
import { LanguageModel, SottoError } from 'sotto';
import { main, UserError } from './lib/console.mjs';
import { inRepository } from './lib/folders.mjs';

const USAGE = `npm run generate -- "Once upon a time" [options]

  --model <folder or URL>   the embedded model by default
  --max-new-tokens <n>      --temperature <t>   --top-k <k>   --top-p <p>   --seed <n>`;

/** Flags that are numbers, and the options of generate() that they set. */
const NUMBERS = {
  'max-new-tokens': 'maxNewTokens',
  temperature: 'temperature',
  'top-k': 'topK',
  'top-p': 'topP',
  seed: 'seed',
};

function readArguments() {
  const text = { type: 'string' };
  const options = { model: text, ...Object.fromEntries(Object.keys(NUMBERS).map((flag) => [flag, text])) };
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const prompt = positionals.join(' ');
    if (prompt === '') throw new Error('there is no prompt');
    const numbers = Object.entries(NUMBERS).filter(([flag]) => values[flag] !== undefined);
    return {
      source: values.model ?? inRepository('demo/models/tiny-stories'),
      prompt,
      options: Object.fromEntries(numbers.map(([flag, name]) => [name, Number(values[flag])])),
    };
  } catch (error) {
    throw new UserError(`${error.message}\n\n${USAGE}`);
  }
}

await main(async () => {
  const { source, prompt, options } = readArguments();
  try {
    const model = await LanguageModel.load(source);
    const generation = model.generate(prompt, options);
    process.stdout.write(prompt);
    for await (const piece of generation) process.stdout.write(piece.text);
    const { usage, timings, finishReason, seed } = await generation.result;
    console.log(
      `\n\n${usage.completionTokens} tokens, ${timings.tokensPerSecond.toFixed(0)} a second, ` +
        `the first after ${timings.timeToFirstTokenMs.toFixed(0)} ms; ended by ${finishReason}; seed ${seed}`,
    );
    await model.dispose();
  } catch (error) {
    throw error instanceof SottoError ? new UserError(`${error.message} (${error.code})`) : error;
  }
});
