// Node on an emulated arm64 processor, for the tests that compare hosts: QEMU, Debian's libraries and npm's Node.
import { join } from 'node:path';
import { which } from '../lib/process.mjs';
import { debianRoot } from './debian-root.mjs';
import { packagedNode } from './node.mjs';

/** @type {import('./debian-root.mjs').Recipe} */
const EMULATOR = {
  name: 'qemu',
  purpose: "QEMU's emulation of arm64",
  packages: ['qemu-user'],
  unpacked: { files: ['./usr/bin/qemu-aarch64'] }, // it is linked statically, and one of forty
  instead: 'Install qemu-aarch64; on Debian: apt-get install qemu-user-static',
};

/** @type {import('./debian-root.mjs').Recipe} */
const LIBRARIES = {
  name: 'arm64',
  purpose: 'the libraries of Node on arm64',
  packages: ['base-files', 'libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1'],
  unpacked: { architecture: 'arm64' },
  instead: 'Leave out the tests of arm64.',
};

/** The machine's own emulator, else ours. */
async function emulator() {
  const own = ['qemu-aarch64-static', 'qemu-aarch64']
    .map((name) => which(name))
    .find((path) => path !== null);
  return own ?? join(await debianRoot(EMULATOR), 'usr/bin/qemu-aarch64');
}

/**
 * What runs Node on a processor that QEMU knows by this name (`max` has all that it can do).
 *
 * @param {20 | 24} major
 * @param {string} cpu
 * @returns {Promise<string[]>} a command line, to which Node's arguments are added
 * @throws {UserError} where it cannot be had
 */
export async function arm64Node(major, cpu) {
  const libraries = await debianRoot(LIBRARIES);
  const node = await packagedNode(major, 'linux-arm64');
  return [await emulator(), '-cpu', cpu, '-L', libraries, node];
}
