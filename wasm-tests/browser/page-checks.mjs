// What every flow of the demo is held to: nothing for axe-core to complain of, and no part that moves by itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Runs axe-core on the page as it is now.
 *
 * @param {import('playwright-core').Page} page
 */
export async function assertAccessible(page) {
  // The page's policy forbids scripts of others, but not what a debugger evaluates.
  await page.evaluate(`${axe};0`);
  const violations = await page.evaluate(async () => {
    // Whatever fades in would be measured half transparent.
    const still = new CSSStyleSheet();
    still.replaceSync('* { animation: none !important; transition: none !important; }');
    document.adoptedStyleSheets.push(still);
    const result = await globalThis.axe.run(document);
    document.adoptedStyleSheets.pop();
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
  assert.deepEqual(violations, []);
}

/** Notes from now on what moves without the visitor's doing. @param {import('playwright-core').Page} page */
export async function watchShifts(page) {
  await page.evaluate(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (entry.hadRecentInput) continue;
        const moved = entry.sources.map(({ node }) => node?.id || node?.className || node?.nodeName);
        globalThis.shifts.push(`${entry.value.toFixed(4)}: ${moved.join(', ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: false });
  });
}

/** @param {import('playwright-core').Page} page that `watchShifts` watches */
export async function assertNoShifts(page) {
  assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
}
