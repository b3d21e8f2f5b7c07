// The repository works elsewhere: it names no package registry, no mirror, and no path of the machine it was written on.
import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { test } from 'node:test';
import { repositoryFiles, root, textOf } from './repository.mjs';

const isText = (path) => !/\.(safetensors|bin|png|webp|ico|woff2?)$/.test(path);

const texts = repositoryFiles()
  .filter(isText)
  .map((path) => [path, textOf(path)]);

/** Every match of `pattern`, with its path. */
const matches = (pattern, files) =>
  files.flatMap(([path, text]) => [...text.matchAll(pattern)].map(([match]) => `${path}: ${match}`));

/** Hosts that begin with one of these words, so that this file names none. */
const hostsOf = (...words) =>
  new RegExp(`\\b(${words.join('|')})\\.[a-z][a-z-]*\\.?[a-z-]*\\.(org|com|net|io|dev|sh)\\b`, 'gi');

const REGISTRIES = [
  'registry',
  'registry-\\w+',
  'packages?',
  'pypi',
  'deb',
  'archive',
  'security',
  'snapshot',
];
const MIRRORS = ['mirrors?', 'proxy'];
const CDNS = ['unpkg', 'cdn', 'esm'];

/** Whose readers copy the address of a CDN. */
const FOR_USERS = ['README.md', 'demo/use/addresses.js', 'docs/guides/first-page.md'];

test('no file names the host of a registry or a mirror, and none but those for users that of a CDN', () => {
  const planted = [['x.md', ['registry', 'example', 'org'].join('.')]];
  assert.equal(matches(hostsOf(...REGISTRIES), planted).length, 1);
  assert.deepEqual(matches(hostsOf(...REGISTRIES, ...MIRRORS), texts), []);
  const others = texts.filter(([path]) => !FOR_USERS.includes(path));
  assert.deepEqual(matches(hostsOf(...CDNS), others), []);
});

const LOCKFILES = repositoryFiles().filter((path) => /(^|\/)package-lock\.json$/.test(path));

test('lockfiles say nothing of where packages come from, and have each with its checksum', () => {
  assert.ok(LOCKFILES.includes('package-lock.json') && LOCKFILES.includes('tools/site/package-lock.json'));
  for (const path of LOCKFILES) {
    const { packages } = JSON.parse(textOf(path));
    const entries = Object.entries(packages).filter(([name]) => name !== '');
    assert.ok(entries.length > 50, path);
    assert.deepEqual(
      entries.filter(([, entry]) => 'resolved' in entry),
      [],
      path,
    );
    // Programs for other systems are looked up there by their version alone.
    const forThisSystem = entries.filter(([, { os }]) => os === undefined);
    assert.deepEqual(
      forThisSystem.filter(([, { integrity }]) => !/^sha512-/.test(integrity)).map(([name]) => name),
      [],
      path,
    );
  }
});

test('what sets up and builds has no address but that of this machine', () => {
  const builders = texts.filter(([path]) =>
    /^(tools|cmake|\.ci)\/|^(CMake|package\.json|\.npmrc|tsconfig)/.test(path),
  );
  assert.ok(builders.length > 15);
  assert.deepEqual(
    matches(
      // The namespace of SVG is a name, which nobody fetches.
      /https?:\/\/(?!127\.0\.0\.1|localhost|www\.w3\.org\/2000\/svg)[^\s'"`]+/g,
      builders.filter(([path]) => !path.startsWith('tools/fixtures/')),
    ),
    [],
  );
});

test('no file has a path of one machine', () => {
  const home = new RegExp(
    ['/home/', '/Users/', '/root/'].map((start) => `${start}[a-z]\\w*/`).join('|'),
    'g',
  );
  assert.deepEqual(matches(home, texts), []);
  for (const folder of [root.slice(0, -1), homedir()].filter((path) => path.split('/').length > 2)) {
    assert.deepEqual(
      texts.filter(([, text]) => text.includes(`${folder}/`)).map(([path]) => path),
      [],
    );
  }
});
