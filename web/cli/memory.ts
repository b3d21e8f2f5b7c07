import type { EstimateOptions } from '../options/estimate-options.js';
import { LanguageModel } from '../page/language-model.js';
import type { ModelEstimate } from '../results/model-estimate.js';
import { messageOf } from '../results/thrown.js';
import { formatBytes } from './format.js';

/** What a model would take of the engine's memory, as rows of a table. */
export async function memoryOf(source: string, options: EstimateOptions): Promise<string[][]> {
  try {
    return memoryRows(await LanguageModel.estimate(source, options));
  } catch (error) {
    return [[`cannot be told: ${messageOf(error)}`]];
  }
}

/** A row for each type of weights: what they take, and what a text on top of them makes of it. */
export function memoryRows({ byWeights }: Pick<ModelEstimate, 'byWeights'>): string[][] {
  return Object.entries(byWeights).map(([asked, { weights, memory, fits }]) => [
    asked === weights ? asked : `${asked}: ${weights}`,
    `${formatBytes(memory.weights)} of weights`,
    `${formatBytes(memory.total)} with a text`,
    fits ? '' : 'too much here',
  ]);
}
