import { isEdgeRuntime } from '../base/environment.js';
import { type ContentHash, toHex } from './content-hash.js';

/** Of Cloudflare's workerd. */
interface DigestStream extends WritableStream<Uint8Array> {
  digest: Promise<ArrayBuffer>;
}

/**
 * SHA-256 of the runtime's own, where it has one that takes its bytes in pieces: at the edge nothing can be compiled for it. Null
 * elsewhere, as a thread of its own takes a script of its own.
 */
export async function hashElsewhere(): Promise<ContentHash | null> {
  const { DigestStream } = crypto as { DigestStream?: new (algorithm: string) => DigestStream };
  if (!isEdgeRuntime || DigestStream === undefined) return null;
  const stream = new DigestStream('SHA-256');
  const writer = stream.getWriter();
  stream.digest.catch(() => {}); // of one that is ended early nobody hears
  return {
    add: (bytes) => writer.write(bytes.slice()),
    async hex() {
      await writer.close();
      return toHex(new Uint8Array(await stream.digest));
    },
    end: () => void writer.abort().catch(() => {}),
  };
}
