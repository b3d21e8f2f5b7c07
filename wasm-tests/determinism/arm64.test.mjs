// An emulated arm64 processor, with the instructions for dot products and without: V8 compiles our kernels to other code than
// on x64. Emulation is slow, so it does small models with one thread.
import { startArm64 } from './hosts.mjs';
import { testHost } from './suite.mjs';
import { ENGINES, MODELS } from './table.mjs';

const models = MODELS.filter(({ name }) =>
  ['odd-8', 'odd-42', 'gemma3_text-tied', 'lfm2-tied', 'k-quants'].includes(name),
);
const engines = ENGINES.filter(({ variant }) => !variant.endsWith('threads'));

for (const [name, cpu] of [
  ['arm64 with dotprod', 'max'],
  ['arm64 without dotprod', 'cortex-a72'],
]) {
  testHost({ name, start: () => startArm64(cpu), hasRelaxed: true, models, engines });
}
