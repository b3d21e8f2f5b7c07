// Drops on the page, and what they hold as File objects: single files, and folders with what lies up to two levels below.

const MODEL_FILE = /\.(gguf|jinja|json|safetensors|txt)$/i;
const MAX_DEPTH = 2;

/** Whether a file can belong to a model, by its name. */
export const isModelFile = (file) => MODEL_FILE.test(file.name);

/**
 * @param {DataTransfer} transfer of a drop event; it is empty after the event, so call this in the handler
 * @returns {Promise<File[]>} of folders only the files that can belong to a model; single files as they are
 */
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.some((entry) => entry?.isDirectory)) {
    const found = await Promise.all(entries.filter(Boolean).map((entry) => filesOf(entry, 0)));
    return found.flat();
  }
  return [...transfer.files];
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

/** Calls back with each drop of files, and shows where they fall while they hover. */
export function takeDrops(onDrop) {
  const target = document.querySelector('#drop-target');
  const holdsFiles = (event) => event.dataTransfer?.types.includes('Files');
  // Entering a child comes before leaving its parent, so the depth is 0 only outside the page.
  let depth = 0;
  const enter = (change) => (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = Math.max(0, depth + change);
    target.hidden = depth === 0;
  };
  document.addEventListener('dragenter', enter(1));
  document.addEventListener('dragleave', enter(-1));
  document.addEventListener('dragover', (event) => holdsFiles(event) && event.preventDefault());
  document.addEventListener('drop', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = 0;
    target.hidden = true;
    onDrop(event.dataTransfer);
  });
}
