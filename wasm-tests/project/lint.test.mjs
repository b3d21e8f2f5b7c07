import { test } from 'node:test';
import { CHECKS } from '../../tools/lint/checks.mjs';

for (const [name, check] of Object.entries(CHECKS)) {
  test(`${name} has nothing to say`, async (t) => {
    const { skipped } = await check.run({});
    if (skipped) t.skip(skipped);
  });
}
