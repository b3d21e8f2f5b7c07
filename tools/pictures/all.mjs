// Every picture by its file's name.
import { drawAttention } from './attention.mjs';
import { drawBeams } from './beams.mjs';
import { drawBlock } from './block.mjs';
import { drawCache } from './cache.mjs';
import { drawFilters, drawTemperatures } from './choices.mjs';
import { withModels } from './models.mjs';
import { drawPasses } from './passes.mjs';
import { drawRounding } from './rounding.mjs';
import { drawSameBits } from './same-bits.mjs';
import { drawSurprise } from './surprise.mjs';
import { drawTokens } from './tokens.mjs';
import { drawWay } from './way.mjs';

const PICTURES = {
  attention: drawAttention,
  beams: drawBeams,
  block: drawBlock,
  cache: drawCache,
  filters: drawFilters,
  passes: drawPasses,
  rounding: drawRounding,
  'same-bits': drawSameBits,
  surprise: drawSurprise,
  temperatures: drawTemperatures,
  tokens: drawTokens,
  way: drawWay,
};

/** @returns {Promise<Map<string, string>>} SVG by file names */
export const drawAll = () =>
  withModels(async (models) => {
    const drawn = new Map();
    for (const [name, draw] of Object.entries(PICTURES)) drawn.set(`${name}.svg`, await draw(models));
    return drawn;
  });
