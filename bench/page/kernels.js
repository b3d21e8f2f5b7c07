// Runs in a worker: the memory alone, and the matrix products of a model alone, in the module of the tests. These are the
// bounds that whole tokens are measured against.
import { HelperThreads } from '/modules/engine/helper-threads.js';
import { chooseVariant } from '/modules/engine/variant.js';

const ROWS_AT_ONCE = 64;
const MEMORY_BYTES = 256 << 20;

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

async function createModule(threads) {
  const { variant } = await chooseVariant('auto', threads);
  const { default: create } = await import(`/test/${variant.name}-test.js`);
  const wasm = await WebAssembly.compileStreaming(fetch(`/test/${variant.name}-test.wasm`));
  const instantiate = () =>
    create({
      helpers: threads - 1,
      instantiateWasm(imports, receive) {
        WebAssembly.instantiate(wasm, imports).then((instance) => receive(instance, wasm));
        return {};
      },
    });
  if (!variant.hasThreads) return instantiate();
  const module = await new HelperThreads().create(instantiate);
  module.setThreads(threads);
  return module;
}

/** Bytes a second, all threads together. */
function measureMemory(wasm) {
  const block = wasm.allocate(MEMORY_BYTES);
  wasm.bytesAt(block, MEMORY_BYTES).fill(1);
  const times = [];
  for (let i = 0; i < 12; i++) {
    const start = performance.now();
    wasm.sumMemory(block, MEMORY_BYTES);
    times.push(performance.now() - start);
  }
  wasm.release(block);
  return MEMORY_BYTES / (median(times.slice(3)) / 1000);
}

/** Bytes of a block of 256 weights of GGUF's K types, and where its f16 scales stand. */
const BLOCKS = {
  q4_k: { bytes: 144, scalesAt: [0, 2] },
  q5_k: { bytes: 176, scalesAt: [0, 2] },
  q6_k: { bytes: 210, scalesAt: [208] },
};
const BLOCK_COLUMNS = 256;

/** Blocks of a type with any bits, but scales of about 2^-11. */
function fillBlocks(bytes, { bytes: size, scalesAt }) {
  let state = 12345;
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = state >>> 16;
  }
  for (let block = 0; block < bytes.length; block += size)
    for (const at of scalesAt) bytes[block + at + 1] = 0x10;
}

/** Milliseconds of all products of one pass over `rows` tokens, whose head makes one row of logits. `shape`: model-shape.mjs. */
function measureProducts(wasm, weights, shape, rowsList) {
  const widest = Math.max(...shape.products.flat());
  const floats = (address, count) => {
    const bytes = wasm.bytesAt(address, 4 * count);
    return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  };
  const random = (count) => {
    const address = wasm.allocate(4 * count);
    const values = floats(address, count);
    for (let i = 0; i < count; i++) values[i] = Math.sin(i * 12.9898) * 0.5;
    return address;
  };
  const some = random(ROWS_AT_ONCE * widest);
  /** Matrices whose rows are no whole blocks have another type in files; it is kept as q8. */
  const matrixOfBlocks = (rows, columns) => {
    const made = new wasm.Matrix(rows, columns, weights);
    const rowBytes = (columns / BLOCK_COLUMNS) * BLOCKS[weights].bytes;
    const address = wasm.allocate(ROWS_AT_ONCE * rowBytes);
    fillBlocks(wasm.bytesAt(address, ROWS_AT_ONCE * rowBytes), BLOCKS[weights]);
    for (let row = 0; row < rows; row += ROWS_AT_ONCE)
      made.addBlocks(row, Math.min(ROWS_AT_ONCE, rows - row), address);
    wasm.release(address);
    return made;
  };
  const matrix = (rows, columns) => {
    if (BLOCKS[weights] !== undefined && columns % BLOCK_COLUMNS === 0) return matrixOfBlocks(rows, columns);
    const made = new wasm.Matrix(rows, columns, BLOCKS[weights] === undefined ? weights : 'q8');
    for (let row = 0; row < rows; row += ROWS_AT_ONCE)
      made.addRows(row, Math.min(ROWS_AT_ONCE, rows - row), some);
    return made;
  };
  const products = shape.products.map((sizes) => matrix(...sizes));
  const head = matrix(...shape.head);
  const mostRows = Math.max(...rowsList);
  const x = random(mostRows * widest);
  const y = wasm.allocate(4 * Math.max(mostRows * widest, shape.head[0]));
  const pass = (rows) => {
    const start = performance.now();
    for (const product of products) product.multiply(x, rows, y);
    head.multiply(x, 1, y);
    return performance.now() - start;
  };
  return Object.fromEntries(
    rowsList.map((rows) => {
      const times = Array.from({ length: rows === 1 ? 80 : 8 }, () => pass(rows));
      return [rows, median(times.slice(times.length >> 2))];
    }),
  );
}

self.onmessage = async ({ data: { weights, threads, shape } }) => {
  try {
    const wasm = await createModule(threads);
    const bytesPerSecond = measureMemory(wasm);
    postMessage({ bytesPerSecond, products: measureProducts(wasm, weights, shape, [1, 128]) });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
