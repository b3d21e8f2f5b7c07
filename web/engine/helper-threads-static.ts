/** A helper does not start: there is none here. */
export class HelperError extends Error {}

/** What a helper's script needs. */
export const helpersNeed = (): string => '';

/** The threads of an engine that has none but the caller's (threads-static.ts). */
export class HelperThreads {
  create<T>(createModule: () => Promise<T>): Promise<T> {
    return createModule();
  }

  onFailure(): void {}

  end(): void {}
}
