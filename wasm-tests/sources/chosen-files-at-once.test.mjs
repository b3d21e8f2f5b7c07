// Chosen files where blobs are read at once, as in the workers of browsers.
import { FILES, testSource } from './conformance.mjs';

/** A blob that knows its bytes. */
class KnownBlob extends Blob {
  constructor(bytes) {
    super([bytes]);
    this.bytes = bytes;
  }

  slice(begin, end) {
    return new KnownBlob(this.bytes.slice(begin, end));
  }
}

globalThis.FileReaderSync = class {
  readAsArrayBuffer = (blob) => blob.bytes.slice().buffer;
};

const { openSource } = await import('../../build/web/sources/open.js');

const files = Object.entries(FILES).map(([path, bytes]) => ({ path, blob: new KnownBlob(bytes) }));
testSource('files, read at once', async () => {
  const source = await openSource({ kind: 'files', files });
  if (!source.hasRandomAccess) throw new Error('the source does not say that its files are read at once');
  return source;
});
