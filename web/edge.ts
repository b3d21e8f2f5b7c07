// sotto for where nothing can be imported at run time and no worker started: service workers, edge runtimes.
export * from './index.js';
