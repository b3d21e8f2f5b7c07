import { SottoError } from '../../results/errors.js';
import { refuseTaken, type SottoProviderOptions } from './call-options.js';
import { isModel, type ModelInput, SdkModel } from './model.js';
import type { SottoLanguageModel, SpecificationVersion } from './spec.js';

export type { SottoProviderOptions } from './call-options.js';
export type { ChatModel, ModelInput } from './model.js';
export type { SottoLanguageModel, SpecificationVersion } from './spec.js';
export { UnsupportedPartError } from './unsupported.js';

/** What holds for all answers of a model; a call's own settings and its `providerOptions.sotto` win over them. */
export interface SottoSettings<Version extends SpecificationVersion = SpecificationVersion>
  extends SottoProviderOptions {
  /** What the model is called in the SDK's results and traces. Default: its name in its files, else its architecture. */
  modelId?: string;
  /**
   * Which version of the specification the model says that it is. `ai` 6 takes 'v3' alone, `ai` 7 takes both, so that the default,
   * 'v3', serves both; 'v4' is for code that takes v4 alone. The model does the same.
   */
  specificationVersion?: Version;
}

/**
 * A model for Vercel's AI SDK (`ai` 6 and 7): `generateText`, `streamText`, objects by schema, tools.
 *
 * ```ts
 * const model = await LanguageModel.load('HuggingFaceTB/SmolLM2-135M-Instruct');
 * const { text } = await generateText({ model: sotto(model), prompt: 'Why is the sky blue?' });
 * ```
 *
 * @param model A loaded model, a promise of one, or a function that loads it when the first answer is asked for.
 * @throws SottoError 'bad-option'; what a call asks for, and is wrong, rejects the SDK's call.
 */
export function sotto<Version extends SpecificationVersion = 'v3'>(
  model: ModelInput,
  settings: SottoSettings<Version> = {},
): SottoLanguageModel<Version> {
  const isPromise = typeof Object(model).then === 'function';
  if (typeof model !== 'function' && !isPromise && !isModel(model)) {
    const advice = 'that of LanguageModel.load(), a promise of it, or a function that returns one';
    throw new SottoError(
      'bad-option',
      `model is ${model === null ? 'null' : typeof model}; it must be ${advice}`,
    );
  }
  const { modelId, specificationVersion = 'v3', ...options } = settings;
  if (specificationVersion !== 'v3' && specificationVersion !== 'v4') {
    throw new SottoError('bad-option', "specificationVersion must be 'v3' or 'v4'");
  }
  refuseTaken(options as Readonly<Record<string, unknown>>);
  return new SdkModel(specificationVersion as Version, model, options, modelId);
}
