// A Firefox for tests. It is not automated: docs/decisions/0005-firefox-is-driven-directly.md says why.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { inRepository, removeFolder } from '../../tools/lib/folders.mjs';
import { firefoxPath } from '../../tools/toolchain/firefox.mjs';

/**
 * Nothing but this machine can be reached: there is no proxy at this address, and none is asked for loopback addresses.
 * A profile's first start opens no page of its own.
 */
const PREFERENCES = {
  'network.proxy.type': 1,
  'network.proxy.http': '127.0.0.1',
  'network.proxy.http_port': 9,
  'network.proxy.ssl': '127.0.0.1',
  'network.proxy.ssl_port': 9,
  'browser.aboutwelcome.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'startup.homepage_welcome_url': '',
};

/** An empty profile, in a folder that a private root sees as well. */
async function makeProfile() {
  await mkdir(inRepository('build'), { recursive: true });
  const folder = await mkdtemp(inRepository('build/firefox-'));
  const lines = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  await writeFile(`${folder}/user.js`, lines.join(''));
  return folder;
}

/**
 * Starts Firefox without a window, with one page.
 *
 * @param {string} url the page's address
 * @returns {Promise<{ ended: Promise<unknown>, close(): Promise<void> }>} `ended`: when it ends, however it does
 */
export async function launchFirefox(url) {
  const program = await firefoxPath();
  const profile = await makeProfile();
  const options = ['--headless', '--no-remote', '--profile', profile, url];
  // Firefox refuses a home that belongs to another user, as root's may.
  const env = { ...process.env, HOME: profile };
  const child = spawn(program, options, { stdio: 'ignore', env });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'close').finally(() => process.off('exit', kill));
  return {
    ended,
    async close() {
      kill();
      await ended;
      await removeFolder(profile);
    },
  };
}
