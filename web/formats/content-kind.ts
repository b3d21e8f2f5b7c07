/** What the first bytes of a file tell about it, when it is something else than its name says. */
export interface ContentKind {
  /** For messages, as in "it is ..., not what its name says". */
  what: string;
  /** What to do about it. */
  advice: string;
  /** Whether it is a page: what servers of applications answer for any address, and so no file at all. */
  isPage: boolean;
}

/** So many bytes are enough to tell. */
export const TELLING_BYTES = 512;

/** How weights of PyTorch become safetensors, in two lines of Python. */
export const CONVERT_BIN =
  'Convert it in Python, with the folder of the model:\n' +
  '  from transformers import AutoModelForCausalLM\n' +
  "  AutoModelForCausalLM.from_pretrained('folder').save_pretrained('folder-safetensors')";

const PICKLE_ADVICE = `sotto reads no pickles, which can run code. ${CONVERT_BIN}`;

const kind = (what: string, advice: string, isPage = false): ContentKind => ({ what, advice, isPage });

const LFS = kind(
  'the pointer of Git LFS that stands for a file',
  'Fetch the file itself: run `git lfs install` and `git lfs pull` in the repository, or download it by its address.',
);
const PAGE = kind(
  'a page (HTML or XML)',
  'The server answers with a page where the file should be: check the address, and that it asks for no login.',
  true,
);

/** What a file begins with, as Latin letters. */
const BEGINNINGS: readonly (readonly [string, ContentKind])[] = [
  ['version https://git-lfs', LFS],
  ['version https://hawser', LFS],
  ['PK\x03\x04', kind("a zip archive, such as PyTorch's torch.save writes", PICKLE_ADVICE)],
  ['\x80\x02', kind("a pickle of Python, such as PyTorch's old torch.save writes", PICKLE_ADVICE)],
  ['\x80\x03', kind('a pickle of Python', PICKLE_ADVICE)],
  ['\x80\x04', kind('a pickle of Python', PICKLE_ADVICE)],
  ['\x80\x05', kind('a pickle of Python', PICKLE_ADVICE)],
  [
    'GGUF',
    kind('a GGUF file', 'Give it a name that ends with .gguf, and give that file instead of the folder.'),
  ],
  ['\x89HDF\r\n', kind("an HDF5 file, TensorFlow's", 'Take the same model as safetensors.')],
  ['\x1f\x8b', kind('compressed with gzip', 'Unpack it, or let the server say `Content-Encoding: gzip`.')],
  ['BZh', kind('compressed with bzip2', 'Unpack it.')],
  ['\xfd7zXZ', kind('compressed with xz', 'Unpack it.')],
  [
    '\x28\xb5\x2f\xfd',
    kind('compressed with zstd', 'Unpack it, or let the server say `Content-Encoding: zstd`.'),
  ],
  ['\xff\xfe', kind('text in UTF-16', 'Save it as UTF-8.')],
  ['\xfe\xff', kind('text in UTF-16', 'Save it as UTF-8.')],
];

/**
 * Tells what a file is by its first bytes.
 *
 * @param bytes The beginning of a file that does not parse as what it should be; {@link TELLING_BYTES} suffice.
 * @returns Null for what begins like nothing known.
 */
export function contentKind(bytes: Uint8Array): ContentKind | null {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, TELLING_BYTES));
  const found = BEGINNINGS.find(([beginning]) => latin1(beginning).every((byte, i) => bytes[i] === byte));
  if (found !== undefined) return found[1];
  return /^(?:ï»¿)?\s*<(?:[!?a-z])/i.test(text) ? PAGE : null;
}

function latin1(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}
