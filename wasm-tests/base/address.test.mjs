import assert from 'node:assert/strict';
import { test } from 'node:test';

import { shownAddress, withoutSecrets } from '../../build/web/base/address.js';

test('what a message shows of an address', () => {
  const cases = {
    'https://example.com/m/config.json': 'https://example.com/m/config.json',
    'https://files.example.com/npm/m@1.0/x': 'https://files.example.com/npm/m@1.0/x',
    'https://user:secret@example.com:8443/m/?token=secret#secret': 'https://example.com:8443/m/?…',
    'https://user:se@cret@example.com/m': 'https://example.com/m',
    'https:\\\\user:secret@example.com': 'https://example.com/',
    'file:///models/m/': 'file:///models/m/',
    'https://user:secret@:bad/m?x=secret': 'https://:bad/m?…',
    'user:secret@example.com/m': 'user:example.com/m',
    '//user:secret@host': '//host',
    'models/gpt2': 'models/gpt2',
    'data:application/json;base64,eyJhIjogImEgc2VjcmV0IiB9': 'data:application/json;base64,eyJhIjogImE…',
    'the given bytes': 'the given bytes',
  };
  for (const [address, shown] of Object.entries(cases)) {
    assert.equal(shownAddress(address), shown);
  }
});

test("others' texts lose what is secret of an address", () => {
  const address = 'https://me:pa%20ss@example.com/m/x?X-Signature=abc%2Fdef&n=1';
  const hidden = withoutSecrets(
    `no ${address}: signature abc/def (abc%2Fdef) of 'pa ss' at n=1 is wrong; ?X-Signature=abc%2Fdef&n=1`,
    address,
  );
  assert.equal(hidden, "no https://example.com/m/x?…: signature … (…) of '…' at n=1 is wrong; …");
  assert.equal(withoutSecrets('fetch failed', 'the given bytes'), 'fetch failed');
});
