import { viewBytes } from '../options/given-bytes.js';
import { SottoError } from '../results/errors.js';
import type { Model, Session } from '../wasm/plain.js';
import { allocate } from './allocate.js';
import type { Handle, Instance } from './instance.js';

/**
 * The bytes of a session: src/engine/session_bytes.h draws them.
 *
 * @param listBytes What the lists of a copy of it take, here and below.
 * @throws SottoError 'out-of-memory'
 */
export function saveSession(
  instance: Instance,
  session: Handle<Session>,
  listBytes: number,
): Uint8Array<ArrayBuffer> {
  const writer = session.call((object) =>
    instance.create('session writer', (module) => new module.SessionWriter(object), listBytes),
  );
  try {
    const nBytes = writer.call((object) => object.nBytes());
    const bytes = allocate('the bytes of the session', nBytes, () => new Uint8Array(nBytes));
    for (let written = 0; written < bytes.length; ) {
      const part = writer.call((object) => object.next());
      bytes.set(part, written);
      written += part.length;
    }
    return bytes;
  } finally {
    writer.dispose();
  }
}

/** The session of such bytes. @throws SottoError 'bad-session', 'out-of-memory' */
export function restoreSession(
  instance: Instance,
  model: Handle<Model>,
  bytes: unknown,
  listBytes: number,
): Handle<Session> {
  const given = viewBytes(bytes, 'bytes');
  const headerBytes = instance.call((module) => module.sessionHeaderBytes());
  if (given.length < headerBytes) {
    throw new SottoError(
      'bad-session',
      `these bytes are no session to restore here: there are only ${given.length}`,
    );
  }
  const header = given.slice(0, headerBytes);
  const reader = model.call((object) =>
    instance.create(
      'session reader',
      (module) => new module.SessionReader(object, header, given.length),
      listBytes,
    ),
  );
  try {
    for (let read = headerBytes; read < given.length; ) {
      const part = reader.call((object) => object.next());
      part.set(given.subarray(read, read + part.length));
      read += part.length;
    }
    return reader.call((object) => instance.create('session', () => object.finish() as Session));
  } finally {
    reader.dispose();
  }
}
