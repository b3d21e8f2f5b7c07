// What a drop holds, as File objects: single files, and folders with what lies up to two levels below.

const MODEL_FILE = /\.(gguf|jinja|json|safetensors|txt)$/i;
const MAX_DEPTH = 2;

/** Whether a file can belong to a model, by its name. */
export const isModelFile = (file) => MODEL_FILE.test(file.name);

/**
 * @param {DataTransfer} transfer of a drop event; it is empty after the event, so call this in the handler
 * @returns {Promise<File[]>} the files that can belong to a model
 */
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.some((entry) => entry?.isDirectory)) {
    const found = await Promise.all(entries.filter(Boolean).map((entry) => filesOf(entry, 0)));
    return found.flat();
  }
  return [...transfer.files].filter(isModelFile);
}

async function filesOf(entry, depth) {
  if (entry.isFile) {
    if (!isModelFile(entry)) return [];
    return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  }
  if (depth > MAX_DEPTH) return [];
  const reader = entry.createReader();
  const found = [];
  // A reader gives its entries in batches, then an empty one.
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return found;
    const inside = await Promise.all(batch.map((child) => filesOf(child, depth + 1)));
    for (const file of inside.flat()) found.push(file);
  }
}
