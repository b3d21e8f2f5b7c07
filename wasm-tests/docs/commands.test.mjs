// Documents of commands: the program's, and the project's own.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, textOf } from '../project/repository.mjs';
import { chatGguf } from './chat-gguf.mjs';
import { hubFiles, hubFor } from './models.mjs';
import { commandsOf, shellFor } from './shell.mjs';
import { testDocument } from './test-document.mjs';

const within = (folder, files) =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes]));

/** Standard input of those that read it. */
const CONVERSATION = 'Hi\n/exit\n';

testDocument('docs/cli.md', {
  'The command line sh 1': async (block, t) => {
    const run = shellFor(t, {
      files: {
        ...within('models/smollm2-135m', hubFiles),
        ...within('models/smollm2-135m-instruct', hubFiles),
        'model.gguf': chatGguf(),
      },
      programs: { git: '#!/bin/sh\necho "-a line"\necho "+another"\n' },
      hub: await hubFor(t, { 'owner/name': { files: { 'name-Q4_K_M.gguf': chatGguf() } } }),
    });
    const commands = commandsOf(block);
    assert.equal(commands.length, 6);
    const printed = await Promise.all(commands.map((command) => run(command, CONVERSATION)));
    for (const [index, text] of printed.entries())
      assert.ok(text.trim() !== '', `${commands[index]} prints nothing`);
    const [first, , , , , info] = printed;
    assert.equal(await run(commands[0]), first, 'the same seed');
    assert.match(info, /^name +A small chat$/m);
  },
});

testDocument('docs/quality.md', {
  'The text and the commands sh 1': (block) => {
    const { scripts } = JSON.parse(textOf('package.json'));
    const commands = commandsOf(block).flatMap((line) => line.split(' && '));
    assert.equal(commands.length, 4);
    for (const command of commands) {
      const script = /^npm (?:run )?(\w+)/.exec(command)?.[1];
      if (script !== undefined) assert.ok(script in scripts, command);
      else assert.ok(existsSync(join(root, /^(?:node|python3) (\S+)/.exec(command)[1])), command);
    }
  },
});
