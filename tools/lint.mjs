// npm run lint: every check of how the code is written. npm run format (`--fix`): puts right what can be.
import './setup.mjs';
import { main, phase, UserError } from './lib/console.mjs';
import { CHECKS } from './lint/checks.mjs';

await main(async () => {
  const fix = process.argv.includes('--fix');
  let failures = 0;
  for (const [name, check] of Object.entries(CHECKS)) {
    if (fix && !check.canFix) continue;
    try {
      const { skipped } = await phase(name, (report) => check.run({ fix, report }));
      console.log(skipped ? `- ${name}: ${skipped}` : `✔ ${name}`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      console.error(`✖ ${name}\n${error.output ?? error.message}\n`);
      failures++;
    }
  }
  if (failures > 0) throw new UserError(`${failures} of the checks failed.`);
});
