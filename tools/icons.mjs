// node tools/icons.mjs: the icons of the installed demo, demo/icons/, from demo/icon.svg.
import './setup.mjs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { launchBrowser } from '../wasm-tests/browser/browser.mjs';
import { main } from './lib/console.mjs';
import { inRepository } from './lib/folders.mjs';

/** Of a maskable icon only a circle of four fifths is sure to be seen; its ground reaches to the edges. */
const SAFE_SHARE = 0.8;
const GROUND = '#1d5c4b';

const ICONS = [
  { name: 'icon-192.png', size: 192, share: 1, ground: 'transparent' },
  { name: 'icon-512.png', size: 512, share: 1, ground: 'transparent' },
  { name: 'maskable-512.png', size: 512, share: SAFE_SHARE, ground: GROUND },
];

await main(async () => {
  const svg = await readFile(inRepository('demo/icon.svg'), 'utf8');
  await mkdir(inRepository('demo/icons'), { recursive: true });
  const browser = await launchBrowser();
  try {
    for (const { name, size, share, ground } of ICONS) {
      const page = await browser.newPage({ viewport: { width: size, height: size } });
      const drawn = Math.round(size * share);
      await page.setContent(
        `<!doctype html><style>html { background: ${ground} } ` +
          `svg { position: fixed; inset: 0; margin: auto; width: ${drawn}px; height: ${drawn}px }</style>${svg}`,
      );
      const png = await page.screenshot({ omitBackground: true });
      await writeFile(inRepository('demo/icons', name), png);
      await page.close();
      console.log(`demo/icons/${name}: ${png.length} bytes`);
    }
  } finally {
    await browser.close();
  }
});
