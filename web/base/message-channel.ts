/** A line with two ends. */
export const createChannel = (): { port1: MessagePort; port2: MessagePort } => new MessageChannel();
