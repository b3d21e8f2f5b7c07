// What a model would take, in words: for those who decide whether to load it.

import { bytes, count, parameters } from '../parts/format.js';

/** A page of pictures is as large, and comes in a few seconds: nobody is asked for less. */
const ASKED_FROM_BYTES = 30e6;

/** What WebAssembly can hold at all; what is above it cannot even be tried. */
const MOST_OF_A_PAGE = 2 ** 32 - 32 * 2 ** 20;

/**
 * @typedef {object} Outlook what a choice would take, as the page tells it
 * @property {boolean} isAsked whether the visitor is asked before it is loaded
 * @property {boolean} canTry whether it can be loaded at all, if need be slowly
 * @property {'q8' | 'q4' | null} smaller the form that fits where the chosen one does not
 * @property {string} what
 * @property {string} download
 * @property {string} memory
 * @property {string} verdict
 */

/**
 * @param {import('../../web/index.ts').ModelEstimate} estimate
 * @param {{ origin?: 'hub' | 'address' }} choice
 * @param {{ usage: number, quota: number } | null} room of the browser, for what it keeps
 * @param {boolean} wasKept whether something of the model was here before it was looked at
 * @returns {Outlook}
 */
export function outlookOf(estimate, { origin }, room, wasKept) {
  const { architecture, contextLength, nParameters, fits, byWeights } = estimate;
  const toFetch = origin === undefined ? 0 : Math.max(0, estimate.downloadBytes - estimate.storedBytes);
  const need = needOf(estimate);
  const smaller = fits ? null : (['q8', 'q4'].find((form) => byWeights[form].fits) ?? null);
  const free = room === null ? Number.POSITIVE_INFINITY : room.quota - room.usage;
  const canBeKept = toFetch <= free;
  return {
    isAsked: !fits || toFetch >= ASKED_FROM_BYTES || !canBeKept,
    canTry: need <= MOST_OF_A_PAGE,
    smaller,
    what: `${architecture}, ${parameters(nParameters)} parameters, reads and writes up to ${count(contextLength)} tokens`,
    download: downloadWords(estimate, origin, toFetch, wasKept),
    memory: `${bytes(need)} while it works`,
    verdict: [
      fits ? 'It fits on this device.' : misfitWords(need, smaller && needOf(byWeights[smaller])),
      !canBeKept &&
        `The browser has room for ${bytes(Math.max(0, free))} only, so that it would not be kept: delete models that you no longer need.`,
    ]
      .filter(Boolean)
      .join(' '),
  };
}

const needOf = ({ memory }) => Math.max(memory.peak, memory.total);

function downloadWords({ downloadBytes, storedBytes }, origin, toFetch, wasKept) {
  if (origin === undefined) return 'nothing: it is on this device';
  if (toFetch === 0) return 'nothing: it is kept here';
  if (!wasKept) return `${bytes(downloadBytes)}, once`;
  return `${bytes(toFetch)}; ${bytes(storedBytes)} of ${bytes(downloadBytes)} are here`;
}

function misfitWords(need, smallerNeed) {
  const why =
    need > MOST_OF_A_PAGE
      ? 'It does not fit: a page gets 4 GB of memory at most.'
      : 'It is too large for this device’s memory: it may be very slow, or end the tab.';
  if (smallerNeed === null) return `${why} Choose a smaller model.`;
  return `${why} In a smaller form, with its numbers rounded, it takes ${bytes(smallerNeed)} and fits; its answers may be a little worse.`;
}
