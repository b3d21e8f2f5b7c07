// Compiled, not run: our own types of the specification are those of both versions of the SDK.
import * as ai6 from 'ai6';
import * as ai7 from 'ai7';
import { LanguageModel } from 'sotto';
import { type SottoLanguageModel, type SottoProviderOptions, sotto } from 'sotto/ai-sdk';
import { z } from 'zod';

const model = await LanguageModel.load('owner/name');
const both: SottoLanguageModel = sotto(model, { chatTemplate: 'chatml', minP: 0.05 });
export const in6: ai6.LanguageModel = both;
export const in7: ai7.LanguageModel = both;
export const v4: Extract<ai7.LanguageModel, { specificationVersion: 'v4' }> = sotto(model, {
  specificationVersion: 'v4',
});
export const v3: Extract<ai6.LanguageModel, { specificationVersion: 'v3' }> = sotto(() =>
  LanguageModel.load('owner/name'),
);
// @ts-expect-error: version 6 takes no v4
export const wrong: ai6.LanguageModel = sotto(model, { specificationVersion: 'v4' });
// @ts-expect-error: no such option
sotto(model, { temprature: 1 });
// @ts-expect-error: tools are the SDK's
sotto(model, { tools: [] });

const own = { responseFormat: { type: 'regex', pattern: 'a+' } } satisfies SottoProviderOptions;
const schema = z.object({ name: z.string() });
const first = await ai6.generateText({
  model: both,
  prompt: 'x',
  output: ai6.Output.object({ schema }),
  providerOptions: { sotto: own },
});
const second = await ai7.generateText({ model: both, prompt: 'x', output: ai7.Output.object({ schema }) });
export const names: string[] = [first.output.name, second.output.name];
ai6.wrapLanguageModel({ model: both, middleware: ai6.extractReasoningMiddleware({ tagName: 'think' }) });
ai7.wrapLanguageModel({ model: both, middleware: ai7.extractReasoningMiddleware({ tagName: 'think' }) });
