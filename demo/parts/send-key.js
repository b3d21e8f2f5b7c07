// The key that sends a message.

/** Whether a key in a box for messages sends it; not while letters are being composed. */
export const isSendKey = (event) =>
  event.key === 'Enter' && !event.shiftKey && !event.isComposing && !event.ctrlKey && !event.metaKey;
