// The faults that are known by what the library says of them, whatever the model was chosen by.

/**
 * Each kind: the library's code, what its message holds, the page's code, and its words.
 *
 * @type {[string, RegExp, string, (about: { file: string, match: RegExpExecArray, name: string }) => string][]}
 */
export const KINDS = [
  ['bad-file', /a page \(HTML/, 'a-page', ({ file }) => `${file} holds a page of the web.`],
  ['bad-file', /pointer of Git LFS/, 'a-pointer', ({ file }) => `${file} is a note of a few lines.`],
  [
    'bad-file',
    /zip archive|pickle/,
    'other-form',
    ({ file }) => `${file} is an archive or a program’s own data.`,
  ],
  ['bad-file', /compressed with/, 'compressed', ({ file }) => `${file} is compressed.`],
  ['bad-file', /(?:has|holds|\() ?0 bytes/, 'cut-short', ({ file }) => `${file} is empty.`],
  ['bad-file', /truncated|the file has \d+ bytes/, 'cut-short', ({ file }) => `${file} ends too early.`],
  ['bad-file', /not valid JSON/, 'bad-file', ({ file }) => `${file} cannot be read: download it again.`],
  ['bad-file', /it begins with/, 'not-its-name', ({ file }) => `${file} does not hold what its name says.`],
  ['bad-option', /got \d+ models \((.+?)\):/, 'several-models', ({ match }) => `You gave ${match[1]}.`],
  [
    'bad-option',
    /two of the given files could be .+?: (.+?)\. /,
    'several-models',
    ({ match }) => `You gave ${match[1]}.`,
  ],
  [
    'unsupported-model',
    /(?:model_type|architecture)\w* (?:is|names|says) "([^"]+)"/,
    'unsupported-model',
    ({ match }) => `It is of the kind “${match[1]}”.`,
  ],
  [
    'unsupported-model',
    /names null/,
    'unsupported-model',
    ({ file }) => `${file} does not say what kind of model it is.`,
  ],
  ['out-of-memory', /./, 'out-of-memory', ({ name }) => `${name} takes more than the browser gives a page.`],
  [
    'unsupported-environment',
    /no SIMD|has no WebAssembly|relaxed SIMD/,
    'old-browser',
    () => 'It lacks a part that models compute with: WebAssembly with SIMD.',
  ],
  ['network', /engine's binary/, 'no-worker', () => 'A part of the engine did not come.'],
  ['engine-crashed', /./, 'engine-crashed', () => ''],
  [
    'unsupported-environment',
    /worker did not start|cannot be loaded/,
    'no-worker',
    () => 'The part of the page that computes did not come or was kept from running.',
  ],
];
