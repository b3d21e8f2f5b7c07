// npm run build: makes dist/, the package, and what the tests look inside: build/web/, its modules one by one, and
// build/test/, a module of the engine. It repeats only what changed.
import './setup.mjs';
import { bundlePackage } from './build/bundle.mjs';
import { writeKeptBytes } from './build/kept-bytes.mjs';
import { buildModules } from './build/modules.mjs';
import { writeNotices } from './build/notices.mjs';
import { writeSamplerOptions } from './build/sampler-options.mjs';
import { writeSizeBounds } from './build/size-bounds.mjs';
import { compileTypeScript } from './build/typescript.mjs';
import { vendorLibraries } from './build/vendor.mjs';
import { main } from './lib/console.mjs';
import { inRepository, withLock } from './lib/folders.mjs';
import { findToolchain } from './toolchain/emscripten.mjs';
import { xnnpackSources } from './toolchain/xnnpack.mjs';

await main(async () => {
  const toolchain = await findToolchain();
  const sources = await xnnpackSources(toolchain);
  await withLock(inRepository('build/.lock'), async () => {
    await buildModules(toolchain, sources);
    await writeSamplerOptions();
    await writeSizeBounds();
    await writeKeptBytes();
    await vendorLibraries();
    await compileTypeScript();
    await writeNotices(sources);
    await bundlePackage();
  });
});
