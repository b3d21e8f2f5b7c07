import type { ModelInfo } from '../options/model-info.js';
import type { WorkerClient } from './client.js';
import { TurnQueue } from './turn-queue.js';

/** When nothing of a model is left, its worker is given back. The client knows nothing of what is registered here. */
const dropped = new FinalizationRegistry<WorkerClient>((client) => client.closeWhenIdle());

/** What a model, its sessions and its running generations share, and hold as long as they are there. */
export class SharedModel {
  readonly client: WorkerClient;
  readonly info: ModelInfo;
  readonly turns = new TurnQueue();

  constructor(client: WorkerClient, info: ModelInfo) {
    this.client = client;
    this.info = info;
    dropped.register(this, client);
  }
}
