// The Debian mirror that this machine already uses: no address of ours.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  const addresses = await run(['apt-get', '--print-uris', 'update']);
  return new RegExp(`^'(.+)/dists/${codename}/InRelease'`, 'm').exec(addresses)?.[1] ?? null;
}

/** The address that a private root was made from. */
export function mirrorOfRoot(root) {
  const sources = readFileSync(join(root, 'etc/apt/sources.list'), 'utf8');
  return new RegExp(`^deb (?:\\[.*\\] )?(\\S+) ${RELEASE} main`, 'm').exec(sources)?.[1] ?? null;
}

/** The keyring that Debian's signatures are checked with. */
export function debianKeyring() {
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  if (!existsSync(keyring))
    throw new UserError(`${keyring} is missing: install the package debian-archive-keyring.`);
  return keyring;
}
