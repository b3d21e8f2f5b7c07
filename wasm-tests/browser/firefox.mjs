// A Firefox for tests, driven by WebDriver BiDi.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { inRepository, removeFolder } from '../../tools/lib/folders.mjs';
import { firefoxPath } from '../../tools/toolchain/firefox.mjs';
import { connectBidi } from './bidi.mjs';

/** The first start of a day reads 300 MB from the disk. */
const START_MS = 60_000;
const END_MS = 5000;

/** Nothing but this machine can be reached: there is no proxy at this address, and none is asked for loopback addresses. */
const PREFERENCES = {
  'network.proxy.type': 1,
  'network.proxy.http': '127.0.0.1',
  'network.proxy.http_port': 9,
  'network.proxy.ssl': '127.0.0.1',
  'network.proxy.ssl_port': 9,
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

/** Waits for the address that Firefox says it listens at. */
async function listeningAt(child) {
  const lines = [];
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    const url = /WebDriver BiDi listening on (ws:\S+)/.exec(line)?.[1];
    if (url) return url;
  }
  throw new Error(`Firefox ended before it listened:\n${lines.join('\n')}`);
}

/**
 * Starts Firefox without a window.
 *
 * @returns {Promise<{ openPage(url: string): Promise<{ evaluate: Function }>, close(): Promise<void> }>} as in bidi.mjs
 */
export async function launchFirefox() {
  const program = await firefoxPath();
  const profile = await makeProfile();
  const options = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
  // Firefox refuses a home that belongs to another user, as root's may.
  const env = { ...process.env, HOME: profile };
  const child = spawn(program, [...options, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'], env });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'close').finally(() => process.off('exit', kill));
  /** Waits for its end, and sees to it. */
  const end = async (patienceMs) => {
    const timer = setTimeout(kill, patienceMs);
    await ended;
    clearTimeout(timer);
    await removeFolder(profile);
  };
  const timer = setTimeout(kill, START_MS);
  try {
    const { openPage, close } = await connectBidi(await listeningAt(child));
    child.stderr.resume();
    return { openPage, close: () => Promise.all([close().catch(kill), end(END_MS)]) };
  } catch (error) {
    await end(0);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
