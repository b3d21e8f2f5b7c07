// The five steps from a prompt to a text: what each says and shows, all of it from the model that is loaded.

import { button, make } from '../parts/elements.js';
import { count, milliseconds } from '../parts/format.js';
import { cachePicture, chanceList, percent, sign, tokenList } from './pictures.js';

const MOST_TOKENS = 48;
const MOST_CHANCES = 7;

const words = (...text) => make('p', {}, ...text);

/**
 * A step: its title, the place on the page that it speaks of, and what it shows.
 *
 * @typedef {{ title: string, place: string,
 *   show(round: import('./round.js').Round, tour: { settings: object, seed: number, announce(words: string): void }):
 *   Promise<Node[]> }} Step
 */

/** @type {Step[]} */
export const steps = [
  { title: 'Your words become tokens', place: '#prompt', show: showTokens },
  { title: 'All of them are read at once, and kept', place: '.model', show: showReading },
  { title: 'Every token gets a chance', place: '#staff', show: showChances },
  { title: 'One of them is chosen', place: '.sampling', show: showChoice },
  { title: 'It is added, and all begins anew', place: '#text', show: showRounds },
];

async function withWords(round, entries) {
  return Promise.all(entries.map(async (each) => ({ ...each, word: await round.wordOf(each.id) })));
}

async function showTokens(round) {
  const { vocabSize, bosTokenId } = round.model.info;
  const ids = round.tokenIds;
  const shown = await withWords(
    round,
    ids.slice(0, MOST_TOKENS).map((id) => ({ id })),
  );
  const more = ids.length > MOST_TOKENS ? ` Here are the first ${MOST_TOKENS}.` : '';
  const begin =
    ids[0] === bosTokenId ? ` The first one, ${sign(shown[0].word)}, says that a text begins.` : '';
  return [
    words(
      `The model knows no letters. It has a list of ${count(vocabSize)} tokens, words and parts of words, and goes by their numbers. Your beginning is ${count(ids.length)} of them.${begin}${more}`,
    ),
    tokenList(shown),
  ];
}

async function showReading(round) {
  await round.read();
  const { nLayers } = round.model.info;
  const perToken = await round.keptPerToken();
  const nTokens = round.tokenIds.length;
  const kept =
    perToken === null
      ? 'What they mean together is kept'
      : `What they mean to each other is kept: ${count(perToken)} numbers for each token in the first layer, and so in the others`;
  return [
    words(
      `All ${count(nTokens)} tokens went through the model’s ${count(nLayers)} layers together, in ${milliseconds(round.readMs)} on this device.`,
    ),
    cachePicture(Math.min(nTokens, MOST_TOKENS), nLayers),
    words(`${kept}. Nothing of it has to be read again: whatever comes next only looks it up.`),
  ];
}

async function showChances(round) {
  await round.read();
  const all = await round.candidates();
  const top = all.slice(0, MOST_CHANCES);
  const rest = all.slice(MOST_CHANCES).reduce((sum, { chance }) => sum + chance, 0);
  return [
    words(
      `From what it has read, the model gives each of its ${count(all.length)} tokens a chance to be the next one. The likeliest are:`,
    ),
    chanceList(await withWords(round, top)),
    words(`All the others share ${percent(rest)}.`),
  ];
}

async function showChoice(round, tour) {
  await round.read();
  const { settings } = tour;
  const all = await round.candidates();
  const left = await round.left(settings);
  const chances = new Map(left.map(({ id, chance }) => [id, chance]));
  const place = make('div');
  let { seed } = tour;
  const draw = async (isAnew) => {
    const choice = await round.choose(settings, seed);
    const top = all.slice(0, MOST_CHANCES);
    if (!top.some(({ id }) => id === choice.id)) top.push({ id: choice.id });
    const rows = top.map(({ id }) => ({
      id,
      chance: chances.get(id) ?? 0,
      isLeft: chances.has(id),
      isChosen: id === choice.id,
    }));
    const word = sign(await round.wordOf(choice.id));
    const said =
      settings.temperature === 0
        ? `With these settings it is always the likeliest: “${word}”.`
        : `Throw ${seed} of the dice chose “${word}”, which had ${percent(choice.chance)}.`;
    place.replaceChildren(chanceList(await withWords(round, rows)), words(said));
    if (isAnew) tour.announce(said);
  };
  await draw(false);
  const throwAgain = () => {
    seed++;
    draw(true);
  };
  const again = button('Throw the dice again', 'quiet', throwAgain, { id: 'tour-again' });
  const nLeft = `${count(left.length)} token${left.length === 1 ? '' : 's'}`;
  return [
    words(
      `Your settings decide how: how daring it is shifts the chances, and the unlikely are left out. Of ${count(all.length)} tokens ${nLeft} ${left.length === 1 ? 'is' : 'are'} left.`,
    ),
    place,
    ...(settings.temperature === 0 ? [] : [again]),
  ];
}

async function showRounds(round, tour) {
  await round.read();
  const text = make('p', { class: 'tour-text' });
  const said = make('p');
  const more = button('One more round', 'secondary tour-more', () => go(true));
  const show = async () => {
    const chosen = await withWords(round, round.chosen);
    const begun = round.model.info.hasTokenizer
      ? await round.model.decode(round.tokenIds)
      : round.tokenIds.join(' ');
    const gap = round.model.info.hasTokenizer ? '' : ' ';
    text.replaceChildren(
      make('span', { class: 'prompt' }, begun.length > 160 ? `…${begun.slice(-160)}` : begun),
      ...chosen.map(({ word }, i) =>
        make('span', { class: i === chosen.length - 1 ? 'is-chosen' : '' }, `${gap}${word}`),
      ),
    );
    const last = chosen.at(-1);
    if (last === undefined) return;
    said.textContent = round.isEnd(last.id)
      ? 'It chose the token that ends a text. The text is complete.'
      : `“${sign(last.word)}” had ${percent(last.chance)}. To read it took ${milliseconds(last.readMs)}: one token only, as the ${count(round.tokenIds.length + chosen.length - 1)} before it are kept.`;
    more.setAttribute('aria-disabled', String(round.isEnd(last.id)));
  };
  let isBusy = false;
  const go = async (isByHand) => {
    const last = round.chosen.at(-1);
    if (isBusy || (last !== undefined && round.isEnd(last.id))) return;
    isBusy = true;
    try {
      await round.add(await round.choose(tour.settings, tour.seed + round.chosen.length));
      await show();
      if (isByHand) tour.announce(said.textContent);
    } catch (error) {
      said.textContent = `${error.message}.`;
      more.setAttribute('aria-disabled', 'true');
    } finally {
      isBusy = false;
    }
  };
  if (round.chosen.length === 0) await go(false);
  else await show();
  return [
    words(
      'The chosen token is read, too, and the model gives chances again. Word after word, that is how all text comes to be.',
    ),
    text,
    said,
    more,
  ];
}
