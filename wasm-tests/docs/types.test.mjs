// The JavaScript and TypeScript of the documents fits the types of the package.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../project/repository.mjs';
import { codeBlocks } from './code-blocks.mjs';
import { DOCUMENTS } from './documents.mjs';
import { OTHERS } from './fragment.mjs';
import { GIVEN } from './givens.mjs';
import { linkPackages, projectFor } from './installed.mjs';
import { mergeImports, splitImports } from './module-text.mjs';

const execute = promisify(execFile);

const TYPED = ['js', 'ts', 'tsx'];

/** Files of tools and of service workers, whose types are not those of a page. */
const OTHER_PLACES = /\.config\.m?js$|(^|-)worker\.js$|^background\.js$/;

/** Packages that documents import, besides those that fragments do. */
const PACKAGES = {
  ...OTHERS,
  react: 'react',
  svelte: 'svelte',
  vue: 'vue',
  '@vue': '@vue',
  '@types': '@types',
};

/** JavaScript says nowhere that a value is there, nor what is caught, as TypeScript can. */
const LOOSE = ['--strictNullChecks', 'false', '--useUnknownInCatchVariables', 'false'];

/** Stand-ins for what is not installed here, and for what a compiler knows. */
const AMBIENT = `
declare module '@sveltejs/kit' {
  type Resolve = (event: unknown) => Promise<Response>;
  export type Handle = (input: { event: unknown; resolve: Resolve }) => Promise<Response>;
}
declare function $state<T>(initial: T): T;
declare namespace $state {
  function raw<T>(): T | undefined;
}
declare module '*/sotto/index.js' {
  export * from 'sotto';
}
declare module '*/stories/index.js' {
  export { default } from 'sotto-tiny-stories';
}
declare const chrome: {
  runtime: { sendMessage(message: unknown): Promise<string> };
};
`;

/** What lists are in TypeScript, which would take them for ones of texts, or of the first message's kind. */
const withListTypes = (code) =>
  code
    .replace('const messages = [', 'const messages: ChatMessage[] = [')
    .replace("['q8', 'q4']", "(['q8', 'q4'] as const)");

/** A document's fragments as one module: each stands inside of the scope of the one before it. */
function moduleOf(path, blocks) {
  const codes = [GIVEN[path] ?? '', ...blocks.map(({ code }) => withListTypes(code))].map(splitImports);
  const imports = mergeImports(codes.flatMap((each) => each.imports));
  return `${imports}\nexport {};\n${codes.map(({ body }) => body).join('\n{\n')}${'}'.repeat(codes.length - 1)}\n`;
}

/** The files that the blocks of all documents make: what is TypeScript, and what is JavaScript, as TypeScript. */
function modules() {
  const typed = { 'ambient.d.ts': AMBIENT };
  const loose = {};
  for (const path of DOCUMENTS) {
    const folder = path.replace(/\W/g, '-');
    const blocks = codeBlocks(path).filter(({ language }) => TYPED.includes(language));
    for (const { file, code, language } of blocks.filter(({ file }) => file !== '')) {
      if (OTHER_PLACES.test(file)) continue;
      if (language === 'js') loose[`${folder}/${file.replace(/js$/, 'ts')}`] = `${code}export {};\n`;
      else typed[`${folder}/${file}`] = code;
    }
    const fragments = blocks.filter(({ file }) => file === '');
    if (fragments.length > 0) loose[`${folder}/fragments.ts`] = moduleOf(path, fragments);
  }
  return { typed, loose };
}

/** What is said of modules that `tsc` takes exception to; '' where they are right. */
async function complaintsAbout(folder, files, options) {
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const strict = ['--noEmit', '--strict', '--noImplicitAny', 'false', '--skipLibCheck', ...options];
  const target = ['--module', 'Preserve', '--target', 'ES2022', '--lib', 'ESNext,DOM,DOM.AsyncIterable'];
  const args = [tsc, '--ignoreConfig', ...strict, ...target, '--jsx', 'react-jsx', '--types', ''];
  const { stdout } = await execute(process.execPath, [...args, ...files], { cwd: folder }).catch(
    (error) => error,
  );
  return stdout;
}

test('JavaScript and TypeScript in the documents fit the types', async (t) => {
  const { typed, loose } = modules();
  const wrong = { 'wrong.ts': "import { LanguageModel } from 'sotto';\nLanguageModel.lode('x');\n" };
  // What is imported without being here is another document's: nextjs.md takes the component of react.md.
  const react = Object.fromEntries(
    codeBlocks('docs/react.md').map(({ file, code }) => [`docs-guides-nextjs-md/app/${file}`, code]),
  );
  const folder = projectFor(t, { ...typed, ...loose, ...wrong, ...react });
  linkPackages(folder, PACKAGES);
  assert.ok(Object.keys(loose).length >= 15 && Object.keys(typed).length >= 9);
  const [looseComplaints, complaints, wrongComplaints] = await Promise.all([
    complaintsAbout(folder, ['ambient.d.ts', ...Object.keys(loose)], LOOSE),
    complaintsAbout(folder, Object.keys(typed), ['--exactOptionalPropertyTypes']),
    complaintsAbout(folder, Object.keys(wrong), []),
  ]);
  assert.equal(looseComplaints, '');
  assert.equal(complaints, '');
  assert.match(wrongComplaints, /'lode' does not exist/);
});
