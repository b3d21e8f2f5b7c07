// The languages of blocks: what is no text of one is refused. What the text does is for the document's own test.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { transformSync } from 'rolldown/utils';
import { compile } from 'svelte/compiler';
import { compileScript, parse } from 'vue/compiler-sfc';
import { readGbnf } from '../../build/web/forms/syntax/gbnf.js';
import { headersFile, netlifyToml, parseNginx } from './host-configs.mjs';

const execute = promisify(execFile);

/** Scripts of all kinds; fragments may wait. */
const script = (lang) => ({
  check({ code }) {
    const { errors } = transformSync(`block.${lang}`, code, { lang });
    assert.deepEqual(errors, []);
  },
  wrong: { code: 'const = 1;\n' },
});

/** The texts that documents put into files named `file`. */
const TEXT_FILES = { _headers: headersFile, 'grammar.gbnf': (code) => readGbnf(code, 'grammar') };

/** @type {Record<string, { check(block: { code: string, file: string }): unknown, wrong: { code: string, file?: string } }>} */
export const LANGUAGES = {
  js: script('js'),
  ts: script('ts'),
  tsx: script('tsx'),
  vue: {
    check({ code }) {
      const { descriptor, errors } = parse(code);
      assert.deepEqual(errors, []);
      compileScript(descriptor, { id: 'docs', inlineTemplate: true });
    },
    wrong: { code: '<template><p></template>\n' },
  },
  svelte: {
    check: ({ code }) => compile(code, { generate: false }),
    wrong: { code: '{#if isThere}\n' },
  },
  html: {
    check({ code }) {
      for (const [tag] of code.matchAll(/<(?:script|form|p|output|style)\b[^>]*>/g)) {
        const name = /\w+/.exec(tag)[0];
        const count = (mark) => code.split(mark).length;
        assert.equal(count(new RegExp(`<${name}\\b`)), count(`</${name}>`), `${tag} has no end`);
      }
      assert.match(code, /^\s*</);
    },
    wrong: { code: '<p>a page\n' },
  },
  json: { check: ({ code }) => JSON.parse(code), wrong: { code: '{ a: 1 }\n' } },
  toml: { check: ({ code }) => netlifyToml(code), wrong: { code: 'for = /*\n' } },
  nginx: { check: ({ code }) => parseNginx(code), wrong: { code: 'server {\n  listen 80\n}\n' } },
  http: {
    check: ({ code }) => assert.match(code, /^(?:[A-Z][\w-]*: \S.*\n)+$/),
    wrong: { code: 'Cross-Origin-Opener-Policy same-origin\n' },
  },
  text: {
    check: ({ code, file }) => TEXT_FILES[file](code),
    wrong: { file: '_headers', code: '  Cross-Origin-Opener-Policy: same-origin\n' },
  },
  sh: {
    check: async ({ code }) => execute('sh', ['-n', '-c', code]),
    wrong: { code: 'npx sotto run "model\n' },
  },
};

/** @throws where a block is not in its language */
export const checkLanguage = (block) => LANGUAGES[block.language].check(block);
