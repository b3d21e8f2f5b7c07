// What a document's blocks take for granted, besides what those before them declare: for their types here; the runs give
// the values.
import { repositoryFiles, textOf } from '../project/repository.mjs';

const SHOW = 'declare const show: (text: string) => void;';

export const GIVEN = {
  'README.md': `import type { ChatMessage } from 'sotto';`,
  'docs/ai-sdk.md': `
    import { Output } from 'ai';
    import { z } from 'zod';
    ${SHOW}
    declare const loaded: LanguageModel;
  `,
  'docs/api.md': `
    import { LanguageModel, type SourceInput } from 'sotto';
    declare const source: SourceInput;
    declare const model: LanguageModel;
    ${SHOW}
    declare const localFile: { write(bytes: Uint8Array): void };
  `,
  'docs/chat.md': `
    import { type ChatMessage, LanguageModel } from 'sotto';
    ${SHOW}
  `,
  'docs/forms.md': `
    import type { ChatMessage, LanguageModel } from 'sotto';
    declare const model: LanguageModel;
    declare const messages: ChatMessage[];
  `,
  'docs/guides/hosting-models.md': `
    import { LanguageModel } from 'sotto';
    ${SHOW}
  `,
  'docs/guides/phones.md': `
    import { LanguageModel, type SourceInput } from 'sotto';
    declare const source: SourceInput;
  `,
  'docs/guides/sessions.md': `
    import type { LanguageModel } from 'sotto';
    declare const model: LanguageModel;
  `,
  'docs/guides/versions.md': `
    import type { LanguageModel } from 'sotto';
    declare const model: LanguageModel;
  `,
  'docs/guides/workers-and-memory.md': `
    import { LanguageModel } from 'sotto';
    declare let model: LanguageModel;
    ${SHOW}
    declare global {
      interface ImportMeta { hot?: { dispose(end: () => void): void } }
    }
  `,
  ...Object.fromEntries(
    repositoryFiles('docs/how-it-works/').map((path) => [
      path,
      "import type { LanguageModel } from 'sotto';\ndeclare const model: LanguageModel;",
    ]),
  ),
  'docs/hub.md': `import { LanguageModel } from 'sotto';`,
  'docs/prompt-api.md': `
    import { createPromptApi } from 'sotto/prompt-api';
    declare const LanguageModel: ReturnType<typeof createPromptApi>;
  `,
};

/** Whether a value is declared by a document, or for it. */
export const isDeclared = (path, name) =>
  new RegExp(`(declare (const|let)|import [^;]*?|const|let|function)[^;]*?\\b${name}\\b`).test(
    (GIVEN[path] ?? '') + textOf(path),
  );
