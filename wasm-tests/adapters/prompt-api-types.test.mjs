// The adapter's types beside those that others write their code with: @types/dom-chromium-ai.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../project/repository.mjs';

const SCRIPT = `
  import { createPromptApi, installPromptApi, type PromptSession } from 'sotto/prompt-api';
  const ours = createPromptApi({ source: '/model/', chatTemplate: 'chatml', loadOptions: { weights: 'q8' } });
  // Where code takes the browsers' own, ours goes in; and so do its sessions.
  const api: typeof LanguageModel = ours;
  const session: LanguageModel = await ours.create({ samplingMode: 'creative' });
  async function ask(over: Pick<typeof LanguageModel, 'create' | 'availability'>): Promise<string> {
    if ((await over.availability({ expectedInputs: [{ type: 'text', languages: ['en'] }] })) === 'unavailable') return '';
    const session = await over.create({
      initialPrompts: [{ role: 'system', content: 'Be kind.' }, { role: 'user', content: [{ type: 'text', value: 'x' }] }],
      monitor: (m) => m.addEventListener('downloadprogress', (event) => console.log(event.loaded)),
      signal: new AbortController().signal,
    });
    session.oncontextoverflow = (event) => console.log(event.type);
    for await (const text of session.promptStreaming('x')) console.log(text.length);
    await session.append([{ role: 'user', content: 'x' }]);
    const clone = await session.clone();
    return clone.prompt([{ role: 'assistant', content: 'x', prefix: true }], { responseConstraint: { type: 'string' } });
  }
  const mine: PromptSession = await installPromptApi({ source: new URL('https://example.org/'), force: true }).create();
  const matching: string = await mine.prompt('x', { responseConstraint: /a|b/v });
  // @ts-expect-error: what a session decides is no option of the API
  createPromptApi({ source: '/model/', responseFormat: { type: 'json' } });
  // @ts-expect-error: no such role
  mine.append([{ role: 'tool', content: 'x' }]);
  export const all = [api, session, await ask(ours), matching, mine.contextUsage.toFixed()];
`;

test('code for the browsers types takes ours', async (t) => {
  // Inside the repository, so that the package finds itself and its types.
  const folder = mkdtempSync(join(root, 'build/prompt-api-types-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'main.ts'), SCRIPT);
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const options = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--module',
    'NodeNext',
    '--target',
    'ES2024',
  ];
  const types = ['--ignoreConfig', '--lib', 'ESNext,DOM,DOM.AsyncIterable', '--types', 'dom-chromium-ai'];
  await promisify(execFile)(process.execPath, [tsc, ...options, ...types, 'main.ts'], { cwd: folder }).catch(
    ({ stdout }) => assert.fail(stdout),
  );
});
