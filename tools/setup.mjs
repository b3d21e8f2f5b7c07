// Imported first by every command: refuses an old Node and brings the development packages, once. Needs no package.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const stamp = `${root}node_modules/.sotto-lockfile`;

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`sotto needs Node 20 or later, and this is Node ${process.versions.node}.`);
  process.exit(1);
}

const lockfile = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockfile) {
  console.log('Installing the development packages (npm ci)');
  // npm is a script of its own on Windows, which only a shell starts.
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    console.error(npm.error ? `npm could not be started: ${npm.error.message}` : 'npm ci failed: see above.');
    process.exit(1);
  }
  writeFileSync(stamp, lockfile);
}
