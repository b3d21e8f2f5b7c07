import type { LoadProgress } from '../../results/load-progress.js';
import type { CreateMonitor, CreateOptions } from './types.js';

/** So fine are the steps that are told, as the draft has it. */
const STEPS = 0x1_0000;

function newMonitor(): CreateMonitor {
  const monitor = new EventTarget() as CreateMonitor;
  monitor.ondownloadprogress = null;
  monitor.addEventListener('downloadprogress', (event) => monitor.ondownloadprogress?.(event));
  return monitor;
}

/** Node has no such event. */
function progressEvent(loaded: number): Event {
  const init = { lengthComputable: true, loaded, total: 1 };
  if (typeof ProgressEvent === 'function') return new ProgressEvent('downloadprogress', init);
  return Object.assign(new Event('downloadprogress'), init);
}

/** Tells a caller's monitor of a download: 0 and 1 always, what is between in order. */
export class DownloadReport {
  readonly #monitor: CreateMonitor | null;
  #told = -1;

  /** What the caller's function throws comes out as it is. */
  constructor(monitor: CreateOptions['monitor']) {
    this.#monitor = monitor === undefined ? null : newMonitor();
    if (this.#monitor !== null) monitor?.(this.#monitor);
  }

  onProgress({ all: { loaded, total } }: LoadProgress): void {
    if (total !== null && total > 0) this.#tell(Math.min(Math.floor((loaded / total) * STEPS), STEPS - 1));
  }

  begin(): void {
    this.#tell(0);
  }

  end(): void {
    this.#tell(STEPS);
  }

  #tell(step: number): void {
    if (step <= this.#told) return;
    this.#told = step;
    this.#monitor?.dispatchEvent(progressEvent(step / STEPS));
  }
}
