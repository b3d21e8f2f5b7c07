/** Reads anywhere in a file, and does not wait: for whom cannot go on before the bytes are there. */
export interface RandomAccess {
  /**
   * Fills `into` with the bytes from `begin` on.
   *
   * @throws SottoError 'bad-file' where the file has changed, or cannot be read any more
   */
  read(begin: number, into: Uint8Array): void;
  /** Idempotent. */
  close(): void;
}

/** What may have random access. */
export interface HasRandomAccess {
  /** Left out where this thread must wait for bytes. What is opened so stays open when the file is closed. */
  openRandomAccess?(): Promise<RandomAccess>;
}

/** What a file has of it, for those who pass it on. */
export function accessOf(file: HasRandomAccess): HasRandomAccess {
  const { openRandomAccess } = file;
  return openRandomAccess === undefined ? {} : { openRandomAccess: () => openRandomAccess.call(file) };
}
