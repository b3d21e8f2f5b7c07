// The Debian mirror that this machine already uses: no address of ours.
import { existsSync, readFileSync } from 'node:fs';
import { UserError } from '../lib/console.mjs';
import { run, which } from '../lib/process.mjs';

/** The release that every private root and every source package comes from. */
export const RELEASE = 'trixie';

/** This machine's `VERSION_CODENAME` if it runs Debian, else null. */
function debianCodename() {
  if (!existsSync('/etc/os-release')) return null;
  const release = readFileSync('/etc/os-release', 'utf8');
  return /^ID=debian$/m.test(release) ? (/^VERSION_CODENAME=(.+)$/m.exec(release)?.[1] ?? null) : null;
}

/**
 * The address of the main archive in the machine's own apt configuration.
 *
 * @returns {Promise<string | null>} null where there is no apt, or another distribution's
 */
export async function hostMirror() {
  const codename = debianCodename();
  if (codename === null || which('apt-get') === null) return null;
  const targets = await run(['apt-get', 'indextargets', '--format', '$(RELEASE) $(COMPONENT) $(REPO_URI)']);
  const main = targets.split('\n').find((line) => line.startsWith(`${codename} main `));
  return main?.split(' ')[2] ?? null;
}

/** The keyring that Debian's signatures are checked with. */
export function debianKeyring() {
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  if (!existsSync(keyring))
    throw new UserError(`${keyring} is missing: install the package debian-archive-keyring.`);
  return keyring;
}
