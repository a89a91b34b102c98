// Runs every case below this folder against the real binary and compares what it printed.
//
// A case is a folder: `cmd` (sh, with `tpool` on PATH and a scratch home as the current folder), and
// optionally `stdin`, `store` (the store before), `out`, `err`, `code` (default: nothing, nothing, 0)
// and `store.after`. {HOME}, {PORT} and {VERSION} stand for what differs between runs.
// TPOOL_UPDATE_GOLDEN=1 rewrites the expected files; the diff is the review.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../integration/process.mjs';
import { binary, slow, Tpool } from '../integration/tpool.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const cases = fs.readdirSync(folder, { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => e.name).sort();
const update = process.env.TPOOL_UPDATE_GOLDEN === '1';

const masked = (text, tpool) => text
  .replaceAll(tpool.folder, '{HOME}')
  .replaceAll(`127.0.0.1:${tpool.port}`, '127.0.0.1:{PORT}')
  .replace(/\d+\.\d+\.\d+/g, (found) => (found === version ? '{VERSION}' : found));
let version = '';

const compare = (name, file, actual) => {
  const expected_file = path.join(folder, name, file);
  if (update) {
    if (actual === '' || (file === 'code' && actual === '0\n')) fs.rmSync(expected_file, { force: true });
    else fs.writeFileSync(expected_file, actual);
    return;
  }
  const expected = fs.existsSync(expected_file) ? fs.readFileSync(expected_file, 'utf8') : file === 'code' ? '0\n' : '';
  assert.equal(actual, expected, `${name}/${file}`);
};

test('there are cases', () => assert.ok(cases.length > 0));

test('the version is known', async () => {
  const done = await run(binary, ['version'], { env: { HOME: '/nonexistent' }, limit_ms: 10_000 * slow });
  version = /\d+\.\d+\.\d+/.exec(done.out)?.[0];
  assert.ok(version, done.out + done.err);
});

for (const name of cases) {
  test(name, { timeout: 60_000 * slow }, async () => {
    const read = (file) => fs.readFileSync(path.join(folder, name, file), 'utf8');
    const has = (file) => fs.existsSync(path.join(folder, name, file));
    const tpool = await Tpool.scratch({ clients: false });
    try {
      if (has('store')) fs.writeFileSync(tpool.store_file, read('store').replaceAll('{PORT}', tpool.port), { mode: 0o600 });
      else fs.rmSync(tpool.store_file);
      const bin = path.join(tpool.folder, 'bin');
      fs.mkdirSync(bin);
      fs.symlinkSync(binary, path.join(bin, 'tpool'));
      const done = await run('/bin/sh', ['-c', read('cmd')], { cwd: tpool.folder, limit_ms: 50_000 * slow,
        env: { ...tpool.env, PATH: `${bin}:/usr/bin:/bin` }, input: has('stdin') ? read('stdin') : '' });
      assert.equal(done.timed_out, false, 'it ended by itself');
      compare(name, 'out', masked(done.out, tpool));
      compare(name, 'err', masked(done.err, tpool));
      compare(name, 'code', `${done.code}\n`);
      if (has('store.after') || (update && has('store'))) {
        const after = fs.readFileSync(tpool.store_file, 'utf8').replaceAll(String(tpool.port), '{PORT}');
        if (!update || after !== read('store')) compare(name, 'store.after', after);
      }
    } finally {
      await tpool.close();
    }
  });
}
