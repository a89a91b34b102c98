// Runs every case below this folder against the real binary and compares what it printed.
//
// A case is a folder: `cmd` (sh, with `tpool` on PATH and a scratch home as the current folder), optionally
// `stdin` and `store` (the store before), and what it must print and end with: `out`, `err`, `code`. What
// differs from run to run (folders, tokens, revisions) is replaced by a word first.
// TPOOL_UPDATE_CLI=1 rewrites the expectations; the diff is the review.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { scratch, slow } from './scratch.mjs';

const here = import.meta.dirname;
const cases = fs.readdirSync(here, { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => e.name).sort();
const update = process.env.TPOOL_UPDATE_CLI === '1';

const read = (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined);

const steady = (text, folder) => text
  .replaceAll(folder, '<scratch>')
  .replace(/tpool_[A-Za-z0-9_-]{20,}/g, '<token>')
  .replace(/"revision":"[0-9a-f]{16}"/g, '"revision":"<revision>"')
  .replace(/token_sha256 = "[0-9a-f]{64}"/g, 'token_sha256 = "<hash>"')
  .replace(/edit-\d+\.toml/g, 'edit-<pid>.toml');

for (const name of cases) {
  const folder = path.join(here, name);
  test(name, { timeout: 120_000 * slow }, async () => {
    const world = scratch();
    try {
      const store = read(path.join(folder, 'store'));
      if (store !== undefined) world.write_store(store);
      const got = await world.shell(read(path.join(folder, 'cmd')), read(path.join(folder, 'stdin')) ?? '');
      const seen = { out: steady(got.out, world.folder), err: steady(got.err, world.folder), code: `${got.code}\n` };
      if (update) for (const [file, text] of Object.entries(seen)) fs.writeFileSync(path.join(folder, file), text);
      for (const [file, text] of Object.entries(seen)) {
        const wanted = read(path.join(folder, file));
        assert.notEqual(wanted, undefined, `${name}/${file} is missing; TPOOL_UPDATE_CLI=1 writes it`);
        assert.equal(text, wanted, `${name}/${file}`);
      }
    } finally {
      world.close();
    }
  });
}

test('there are cases', () => assert.ok(cases.length >= 20));
