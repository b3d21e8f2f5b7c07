// The checks of `npm run lint`, which also run as tests.
import { readdir } from 'node:fs/promises';
import { inRepository } from '../lib/folders.mjs';
import { run } from '../lib/process.mjs';
import { findToolchain } from '../toolchain/emscripten.mjs';
import { clangTidy } from './clang-tidy.mjs';
import { clangTool } from './clang-tool.mjs';

/**
 * @typedef {object} CheckOptions
 * @property {boolean} [fix] write what is put right
 * @property {(line: string) => void} [report] takes the latest line of output
 */

/** Runs a program of node_modules. */
const runModule = (script, args, report) =>
  run([process.execPath, inRepository('node_modules', script), ...args], { cwd: inRepository(), report });

/** The C++ files below src/, as paths from the repository's root. */
async function cppFiles(pattern) {
  const names = await readdir(inRepository('src'), { recursive: true });
  return names
    .filter((name) => pattern.test(name))
    .map((name) => `src/${name}`)
    .sort();
}

/** @param {CheckOptions} options */
async function biome({ fix, report }) {
  await runModule(
    '@biomejs/biome/bin/biome',
    ['check', '--error-on-warnings', ...(fix ? ['--write'] : [])],
    report,
  );
  return {};
}

async function typescript({ report }) {
  await runModule('typescript/bin/tsc', ['--noEmit', '--project', 'tsconfig.json'], report);
  return {};
}

async function clangFormat({ fix, report }) {
  const toolchain = await findToolchain();
  const { program, skipped } = await clangTool(toolchain, 'clang-format');
  if (skipped) return { skipped };
  const mode = fix ? ['-i'] : ['--dry-run', '--Werror'];
  await toolchain.run([program, ...mode, ...(await cppFiles(/\.(cc|h)$/))], { report });
  return {};
}

async function tidy({ report }) {
  const toolchain = await findToolchain();
  return clangTidy(toolchain, await cppFiles(/\.cc$/), await cppFiles(/\.(h|inc)$/), report);
}

/** By name: `run` rejects with a UserError that shows what is wrong, or says why it was skipped. */
export const CHECKS = {
  biome: { run: biome, canFix: true },
  'clang-format': { run: clangFormat, canFix: true },
  'tsc --strict': { run: typescript, canFix: false },
  'clang-tidy': { run: tidy, canFix: false },
};
