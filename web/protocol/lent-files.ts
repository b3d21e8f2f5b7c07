import type { SourceSpec } from '../sources/spec.js';

/** A source as the worker gets it. */
export type LoadSource = Exclude<SourceSpec, { kind: 'memory' }> | LentFiles;

/**
 * Files in the caller's memory, for the worker to read chunk by chunk: sending the bytes themselves would copy whole
 * files. Blobs are sent as they are, which copies nothing; of the others their sizes, and chunks on request.
 */
export interface LentFiles {
  kind: 'lent';
  gguf?: string; // as in SourceSpec
  blobs: Record<string, Blob>;
  sizes: Record<string, number>; // in bytes
  port: MessagePort;
}

/** On the port, from the worker. */
export interface ChunkRequest {
  name: string;
  begin: number;
  end: number;
}

/** The bytes asked for, or null when the caller's buffer has become smaller (transferred, resized) since. */
export type ChunkResponse = Uint8Array<ArrayBuffer> | null;
