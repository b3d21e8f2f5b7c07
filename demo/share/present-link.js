// The link of what stands on the page now.

import { count } from '../parts/format.js';
import { fragmentOf, MOST_CHARACTERS, shortHash, sideText } from './link.js';

/**
 * @param {{ controls: object, modes: object, current(): { choice: object, model: object } | null }} page
 * @returns {Promise<{ link?: string, words: string }>} without `link`, `words` say why there is none
 */
export async function presentLink({ controls, modes, current }) {
  if (current() === null) return { words: 'There is nothing to share yet: the model is still on its way.' };
  const where = modelOf(current().choice);
  if (where.problem !== undefined) return { words: where.problem };
  const mode = await modes.current();
  const state = { mode: modes.name, model: where.name, seed: controls.options.seed, ...controls.changed };
  if (modes.name === 'chat') {
    return {
      link: linkTo(state),
      words: 'It holds the model and the settings. The conversation stays on this device.',
    };
  }
  state.prompt = document.querySelector('#prompt').value;
  if (state.prompt.length > MOST_CHARACTERS) {
    return {
      words: `The beginning has ${count(state.prompt.length)} characters, and a link holds ${count(MOST_CHARACTERS)}: many places cut longer ones. Make it shorter, or send the text itself.`,
    };
  }
  Object.assign(state, modeSettings(modes.name, mode));
  const { written } = mode;
  const isWritten = written !== null && JSON.stringify(written.asked) === JSON.stringify(mode.asked);
  if (isWritten) state.text = shortHash(written.text);
  const words = 'It holds the beginning, the settings and the throw of the dice. Whoever opens it sees';
  return {
    link: linkTo(state),
    words: `${words} ${isWritten ? 'this very text written anew, on a device of their own' : 'the text that follows from them'}.`,
  };
}

const linkTo = (state) => `${location.href.split('#')[0]}#${fragmentOf(state)}`;

function modelOf({ name, origin, isEmbedded = false }) {
  if (isEmbedded) return {};
  if (origin === undefined) {
    return {
      problem: `${name} was opened from files, which are on this device only: a link cannot hold it. Models by name, or by an address, can be shared.`,
    };
  }
  const url = origin === 'address' ? new URL(name) : null;
  if (url !== null && (url.username !== '' || url.password !== ''))
    return { problem: 'The model’s address holds a password, which a link would give away.' };
  return { name };
}

function modeSettings(name, mode) {
  if (name === 'compare') {
    const [one, two] = mode.settings.map(sideText);
    return { one, two };
  }
  if (name !== 'beams') return {};
  const { numBeams, maxNewTokens } = mode.settings;
  return { numBeams, steps: maxNewTokens };
}
