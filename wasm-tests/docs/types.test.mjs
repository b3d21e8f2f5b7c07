// The blocks of code in the documents: what is JavaScript or TypeScript fits the types of the package, the rest is known.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { repositoryFiles, root } from '../project/repository.mjs';
import { codeBlocks } from './code-blocks.mjs';
import { projectFor } from './installed.mjs';

const execute = promisify(execFile);

/** What a document's blocks take for granted, besides what those before them declare. */
const GIVEN = {
  'README.md': `import type { ChatMessage } from 'sotto';`,
  'docs/ai-sdk.md': `
    import { Output } from 'ai';
    import { z } from 'zod';
    declare const show: (text: string) => void;
    declare const loaded: LanguageModel;
  `,
  'docs/api.md': `
    import { LanguageModel, type SourceInput } from 'sotto';
    declare const source: SourceInput;
    declare const model: LanguageModel;
    declare const show: (text: string) => void;
    declare const localFile: { write(bytes: Uint8Array): void };
  `,
  'docs/chat.md': `
    import { type ChatMessage, LanguageModel } from 'sotto';
    declare const show: (text: string) => void;
  `,
  'docs/forms.md': `
    import type { ChatMessage, LanguageModel } from 'sotto';
    declare const model: LanguageModel;
    declare const messages: ChatMessage[];
  `,
  'docs/hub.md': `import { LanguageModel } from 'sotto';`,
  'docs/prompt-api.md': `
    import { createPromptApi } from 'sotto/prompt-api';
    declare const LanguageModel: ReturnType<typeof createPromptApi>;
  `,
};

/** Languages of blocks that are no code of ours: commands, drawings and answers. */
const NOT_TYPED = ['', 'http', 'sh'];
const TYPED = ['js', 'ts', 'tsx'];

/** Packages that documents import, by the name that they have in node_modules here. */
const OTHERS = { ai: 'ai7', zod: 'zod', react: 'react', '@types': '@types' };

const DOCUMENTS = repositoryFiles().filter((path) => path.endsWith('.md') && !path.startsWith('wasm-tests/'));

const IMPORT = /^[ \t]*import [^;]*? from '[^']+';\n?/gm;
const NAMED = /import (type )?\{([^}]*)\} from '([^']+)'/;

/** Import statements without any name twice. */
function mergeImports(statements) {
  const others = new Set();
  const names = new Map(); // by module
  for (const statement of statements.map((each) => each.trim())) {
    const [, type = '', list, module] = NAMED.exec(statement) ?? [];
    if (list === undefined) others.add(statement);
    else {
      if (!names.has(module)) names.set(module, new Map());
      for (const name of list.split(',').map((each) => each.trim())) {
        if (name === '') continue;
        const bare = name.replace(/^type /, '');
        const isType = (type !== '' || bare !== name) && names.get(module).get(bare) !== false;
        names.get(module).set(bare, isType);
      }
    }
  }
  for (const [module, given] of names) {
    const list = [...given].map(([name, isType]) => (isType ? `type ${name}` : name));
    others.add(`import { ${list.join(', ')} } from '${module}';`);
  }
  return [...others].join('\n');
}

/** What a list of messages is in TypeScript, which would take it for one of the first messages' kind. */
const withMessageType = (code) => code.replace('const messages = [', 'const messages: ChatMessage[] = [');

/** A document's blocks as one module: each stands inside of the scope of the one before it. */
function moduleOf(path, blocks) {
  const codes = [GIVEN[path] ?? '', ...blocks.map(({ code }) => withMessageType(code))];
  const imports = mergeImports(codes.flatMap((code) => code.match(IMPORT) ?? []));
  const bodies = codes.map((code) => code.replace(IMPORT, ''));
  return `${imports}\nexport {};\n${bodies.join('\n{\n')}${'}'.repeat(bodies.length - 1)}\n`;
}

/** The files that the blocks of all documents make. */
function modules() {
  const files = {};
  for (const path of DOCUMENTS) {
    const blocks = codeBlocks(path).filter(({ language }) => TYPED.includes(language));
    for (const { file, code } of blocks) if (file !== '') files[file] = code;
    const unnamed = blocks.filter(({ file }) => file === '');
    if (unnamed.length > 0) files[`${path.replace(/\W/g, '-')}.ts`] = moduleOf(path, unnamed);
  }
  return files;
}

test('each block of code is of a language that is checked, or known not to be', () => {
  const known = new Set([...TYPED, ...NOT_TYPED, 'html']); // html: readme.test.mjs runs it
  const strange = DOCUMENTS.flatMap((path) => codeBlocks(path))
    .filter(({ language, path }) => !known.has(language) || (language === 'html' && path !== 'README.md'))
    .map(({ path, line, language }) => `${path}:${line} has '${language}'`);
  assert.deepEqual(strange, []);
});

/** What is said of modules that `tsc` takes exception to; '' where they are right. */
async function complaintsAbout(folder, files, options) {
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const strict = ['--noEmit', '--strict', '--noImplicitAny', 'false', '--skipLibCheck', ...options];
  const target = ['--module', 'NodeNext', '--target', 'ES2022', '--lib', 'ESNext,DOM,DOM.AsyncIterable'];
  const args = [tsc, '--ignoreConfig', ...strict, ...target, '--jsx', 'react-jsx', '--types', '', ...files];
  const { stdout } = await execute(process.execPath, args, { cwd: folder }).catch((error) => error);
  return stdout;
}

test('JavaScript and TypeScript in the documents fit the types', async (t) => {
  const files = {
    ...modules(),
    'wrong.ts': "import { LanguageModel } from 'sotto';\nLanguageModel.lode('x');\n",
  };
  const folder = projectFor(t, files);
  for (const [name, from] of Object.entries(OTHERS))
    symlinkSync(`${root}node_modules/${from}`, join(folder, 'node_modules', name), 'junction');
  const names = Object.keys(files);
  const fromJavaScript = names.filter((name) => name.startsWith('docs-'));
  const asTheyAre = names.filter((name) => !fromJavaScript.includes(name) && name !== 'wrong.ts');
  assert.ok(fromJavaScript.length >= 6 && asTheyAre.length >= 2, names.join());
  // JavaScript says nowhere that a value is there, as TypeScript can.
  assert.equal(await complaintsAbout(folder, fromJavaScript, ['--strictNullChecks', 'false']), '');
  assert.equal(await complaintsAbout(folder, asTheyAre, ['--exactOptionalPropertyTypes']), '');
  assert.match(await complaintsAbout(folder, ['wrong.ts'], []), /'lode' does not exist/);
});
