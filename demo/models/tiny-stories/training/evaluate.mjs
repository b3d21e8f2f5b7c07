// node evaluate.mjs OLD NEW STORIES.txt ...: two models of stories side by side, each a folder. Perplexity on stories that
// were held back, and with --samples what both write after the same words.
//
// Each story is scored from <|endoftext|> to <|endoftext|>. Of one that is longer than the shorter context, both models
// score what fits that context; what follows is scored by the other one alone.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { LanguageModel } from '../../../../dist/index.js';

const END = '<|endoftext|>';

const PROMPTS = [
  'Once upon a time, there was a little fox named Pip',
  'In a deep cave there lived a dragon.',
  'High up in the sky lived a little cloud',
  'Max wanted to fly to the moon.',
  'On a rock in the sea stood a lighthouse.',
  'There was once a queen who lived in a golden castle.',
  'In a small workshop there was a robot named Dot.',
  'Once upon a time',
  'Once there was a brave girl named Sofia. Her best friend was Noah.',
  'Long ago, there was a shy owl named Zadok who lived near a quiet pond.',
];

/** Sums over the predictions of the stories: those that all contexts hold, and those beyond the shortest. */
async function losses(model, stories, shortest) {
  const within = { nats: 0, count: 0 };
  const beyond = { nats: 0, count: 0 };
  const end = model.info.eosTokenIds[0];
  for (const story of stories) {
    const ids = [end, ...(await model.encode(story, { specialTokens: false })), end].slice(0, model.info.contextLength);
    const { tokens } = await model.score(ids);
    for (const [index, { logprob }] of tokens.entries()) {
      if (logprob === null) continue;
      const sums = index < shortest ? within : beyond;
      sums.nats -= logprob;
      sums.count++;
    }
  }
  return { within, beyond };
}

const perplexity = ({ nats, count }) => (count === 0 ? '' : Math.exp(nats / count).toFixed(4));

async function printPerplexities(models, files, most) {
  const shortest = Math.min(...models.map(({ info }) => info.contextLength));
  console.log('| stories | predictions | old | new | change | new, beyond the old context |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const file of files) {
    const stories = (await readFile(file, 'utf8'))
      .split(END)
      .map((story) => story.trim())
      .filter((story) => story !== '')
      .slice(0, most);
    const [old, wide] = [
      await losses(models[0], stories, shortest),
      await losses(models[1], stories, shortest),
    ];
    const change = 100 * (Math.exp((wide.within.nats - old.within.nats) / old.within.count) - 1);
    const cells = [
      `${basename(file)}, ${stories.length}`,
      old.within.count,
      perplexity(old.within),
      perplexity(wide.within),
      `${change.toFixed(1)} %`,
      perplexity(wide.beyond),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

async function printSamples(names, models, seed) {
  for (const prompt of PROMPTS) {
    for (const [index, model] of models.entries()) {
      const answer = model.generate(prompt, { seed, maxNewTokens: model.info.contextLength });
      console.log(`\n=== ${names[index]}\n${prompt}${await answer.text()}`);
    }
  }
}

const { values, positionals } = parseArgs({
  options: {
    stories: { type: 'string', default: '200' },
    samples: { type: 'boolean' },
    seed: { type: 'string', default: '7' },
  },
  allowPositionals: true,
});
const [oldFolder, newFolder, ...files] = positionals;
const models = [];
for (const folder of [oldFolder, newFolder]) models.push(await LanguageModel.load(folder, { threads: 1 }));
if (files.length > 0) await printPerplexities(models, files, Number(values.stories));
if (values.samples) await printSamples([oldFolder, newFolder], models, Number(values.seed));
for (const model of models) await model.dispose();
