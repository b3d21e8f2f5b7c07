import { createChannel } from '../base/message-channel.js';
import type { ChunkRequest, ChunkResponse, LentFiles, LoadSource } from '../protocol/lent-files.js';
import type { SourceSpec } from '../sources/spec.js';

/** Makes a source ready to be sent, with what is to be transferred; `end` is called when all is read. */
export function lendSource(spec: SourceSpec): {
  source: LoadSource;
  transfer: MessagePort[];
  end: () => void;
} {
  if (spec.kind !== 'memory') return { source: spec, transfer: [], end: () => {} };
  const { port1, port2 } = createChannel();
  const { gguf } = spec;
  const source: LentFiles = {
    kind: 'lent',
    blobs: {},
    sizes: {},
    port: port2,
    ...(gguf !== undefined && { gguf }),
  };
  const lentBytes = new Map<string, Uint8Array>();
  for (const [name, content] of Object.entries(spec.files)) {
    if (content instanceof Uint8Array) {
      lentBytes.set(name, content);
      source.sizes[name] = content.byteLength;
    } else {
      source.blobs[name] = content;
    }
  }
  port1.onmessage = ({ data: { name, begin, end } }: MessageEvent<ChunkRequest>) => {
    const bytes = lentBytes.get(name);
    const isThere = bytes !== undefined && bytes.byteLength >= end; // a detached buffer has no bytes
    const chunk: ChunkResponse = isThere ? new Uint8Array(bytes.subarray(begin, end)) : null;
    port1.postMessage(chunk, chunk === null ? [] : [chunk.buffer]);
  };
  return { source, transfer: [port2], end: () => port1.close() };
}
