// Models by name: from a hub on this machine into a folder, and what is kept there.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { storiesPath } from '../api/support.mjs';
import { startHub } from '../sources/hub-server.mjs';
import { sotto } from './program.mjs';

const ID = 'owner/stories';
const SECRET = 'hf_secret_of_the_test';

let hub;
let folder;
let storing;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-kept-'));
  storing = ['--store', folder];
  const names = readdirSync(storiesPath).filter((name) => /\.(json|safetensors)$/.test(name));
  const files = Object.fromEntries(names.map((name) => [name, { path: join(storiesPath, name) }]));
  hub = await startHub({
    repos: { [ID]: { files }, 'owner/private': { files, private: true, token: SECRET } },
  });
});

after(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

const RUN = ['Once upon', '-n', '8', '--seed', '3', '-q'];

test('a model by name runs as the one of the disk does, is kept, and runs again without a request', async () => {
  const local = await sotto(['run', storiesPath, ...RUN]);
  const first = await sotto(['run', ID, ...RUN, '--endpoint', hub.endpoint, ...storing]);
  assert.deepEqual(first, local);
  const nRequests = hub.log.length;
  assert.ok(nRequests > 0);
  assert.deepEqual(await sotto(['run', ID, ...RUN, '--endpoint', hub.endpoint, ...storing]), local);
  assert.equal(hub.log.length, nRequests);
  assert.deepEqual(
    await sotto(['run', ID, ...RUN, '--endpoint', hub.endpoint, ...storing, '--update']),
    local,
  );
  assert.ok(hub.log.length > nRequests);
});

test('info tells what a model by name is, without its weights', async () => {
  const before = hub.log.length;
  // So slow that what the connection holds beside what is asked for is little.
  const slow = hub.faults.add({
    kind: 'slow',
    path: 'model.safetensors',
    rate: 400_000,
    times: Number.POSITIVE_INFINITY,
  });
  const { code, stdout } = await sotto(['info', ID, '--json', '--endpoint', hub.endpoint, '--no-store']);
  slow.remove();
  assert.equal(code, 0);
  const { architecture, tensors } = JSON.parse(stdout);
  assert.equal(architecture, 'gpt2');
  const sent = hub.log.slice(before).reduce((sum, { bytesSent = 0 }) => sum + bytesSent, 0);
  assert.ok(tensors[0].bytes > 7e6 && sent < 2e6, `${sent} bytes were sent`);
});

test('ls lists what is kept, and rm deletes it', async () => {
  const { stdout } = await sotto(['ls', ...storing]);
  assert.match(stdout, /^owner\/stories +10\.9 MB +\d{4}-\d\d-\d\d \d\d:\d\d +[0-9a-f]{12}\n$/);
  const [model] = JSON.parse((await sotto(['ls', '--json', ...storing])).stdout);
  assert.equal(model.name, ID);
  assert.equal(model.isComplete, true);
  assert.equal((await sotto(['ls'], { env: { SOTTO_CACHE: folder } })).stdout, stdout);
  const other = await sotto(['rm', ID, '--revision', 'v2', ...storing]);
  assert.deepEqual(
    [other.code, other.stderr],
    [1, `sotto: nothing is kept of "${ID}"; sotto ls tells what is\n`],
  );
  assert.deepEqual(await sotto(['rm', ID, ...storing]), { code: 0, signal: null, stdout: '', stderr: '' });
  assert.deepEqual(await sotto(['ls', ...storing]), {
    code: 0,
    signal: null,
    stdout: '',
    stderr: 'nothing is kept\n',
  });
});

test('rm --all deletes everything', async () => {
  await sotto(['run', ID, ...RUN, '--endpoint', hub.endpoint, ...storing]);
  assert.notEqual((await sotto(['ls', ...storing])).stdout, '');
  assert.equal((await sotto(['rm', '--all', ...storing])).code, 0);
  assert.equal((await sotto(['ls', ...storing])).stdout, '');
});

test('--no-store keeps nothing', async () => {
  const args = ['run', ID, ...RUN, '--endpoint', hub.endpoint, '--no-store'];
  assert.equal((await sotto(args, { env: { SOTTO_CACHE: folder } })).code, 0);
  assert.equal((await sotto(['ls', ...storing])).stdout, '');
});

test('what cannot be kept is told, and runs all the same', async () => {
  const args = ['run', ID, 'Once upon', '-n', '3', '--endpoint', hub.endpoint];
  const { code, stderr } = await sotto(args, { env: { SOTTO_CACHE: '/dev/null/models' } });
  assert.match(stderr, /^note: the model is not kept for the next time: .*\n3 tokens after/);
  assert.equal(code, 0);
});

test('HF_TOKEN opens a private model, and is sent for nothing else', async () => {
  const where = ['--endpoint', hub.endpoint, '--no-store'];
  const refused = await sotto(['run', 'owner/private', ...RUN, ...where]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^sotto: /);
  const env = { HF_TOKEN: SECRET };
  const opened = await sotto(['run', 'owner/private', ...RUN, ...where], { env });
  assert.deepEqual(opened, await sotto(['run', storiesPath, ...RUN], { env }));
  const wrong = await sotto(['run', 'owner/private', ...RUN, ...where, '--token', 'hf_wrong'], { env });
  assert.equal(wrong.code, 1);
  assert.ok(!wrong.stderr.includes('hf_wrong') && !wrong.stderr.includes(SECRET));
  assert.deepEqual(hub.leaks, []);
});
