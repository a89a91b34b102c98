// The store under violence: killed writers, many writers, folders that cannot be written.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { start } from './process.mjs';
import { binary, slow, Tpool } from './tpool.mjs';
import { sleep } from './wire.mjs';

const store = `
# the only provider, and a comment that must stay
[[provider]]
id = "alpha"
protocol = "chat"
base_url = "http://127.0.0.1:9/v1"
models = ["model-one"]  # one is enough
tags = ["first"]
`;

const scratch = (name, body) => test(name, { timeout: 300_000 * slow }, async () => {
  const tpool = await Tpool.scratch({ store });
  try {
    await body(tpool);
  } finally {
    fs.chmodSync(path.dirname(tpool.store_file), 0o700);
    await tpool.close();
  }
});

scratch('a thousand kill -9s during writes leave the old or the new store, always whole', async (tpool) => {
  const texts = {};
  for (const tag of ['first', 'second']) {
    await tpool.must(['provider', 'edit', 'alpha', '--tag', tag]);
    texts[tag] = fs.readFileSync(tpool.store_file, 'utf8');
  }
  assert.notEqual(texts.first, texts.second);
  const from = Date.now();
  await tpool.must(['provider', 'edit', 'alpha', '--tag', 'first']);
  const usual_ms = Date.now() - from;

  const rounds = Math.round(1000 / slow);
  const seen = { old: 0, new: 0 };
  let state = 'first';
  // Kept so that about half of the writers get done: most kills then come near the end of a write.
  let latest_ms = usual_ms * 1.2;
  for (let i = 0; i < rounds; i++) {
    const next = state === 'first' ? 'second' : 'first';
    const child = start(binary, ['provider', 'edit', 'alpha', '--tag', next], { env: tpool.env, cwd: tpool.folder });
    await sleep(Math.random() * latest_ms);
    child.kill_group('SIGKILL');
    await child.ended;
    const text = fs.readFileSync(tpool.store_file, 'utf8');
    if (text === texts[next]) {
      state = next;
      seen.new += 1;
      latest_ms *= 0.97;
    } else {
      assert.equal(text, texts[state], `round ${i}`);
      seen.old += 1;
      latest_ms /= 0.97;
    }
  }
  assert.ok(seen.old > 0 && seen.new > 0, JSON.stringify(seen));
  await tpool.must(['config', 'check']);
  await tpool.must(['provider', 'edit', 'alpha', '--tag', 'after']);
  const litter = fs.readdirSync(path.dirname(tpool.store_file)).filter((f) => !['tpool.toml'].includes(f) && !f.includes('lock'));
  assert.ok(litter.length < 20, `${litter.length} files are left behind`);
});

scratch('eight writers at once lose no update', async (tpool) => {
  const add = (id) => tpool.cli(['provider', 'add', id, '--id', id, '--protocol', 'chat', '--base-url', 'http://127.0.0.1:9/v1', '--model', 'm', '--no-key', '--no-test', '--no-input'], { limit_ms: 60_000 });
  const writer = async (w) => {
    for (let i = 0; i < 5; i++) {
      let done = await add(`p${w}-${i}`);
      // Told that the others hold the lock too long, as on a slow disk, it asks again.
      while (/is locked/.test(done.err)) done = await add(`p${w}-${i}`);
      assert.equal(done.code, 0, done.out + done.err);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, w) => writer(w)));
  const ids = JSON.parse((await tpool.must(['provider', 'list', '--json'])).out).map((p) => p.id);
  for (let w = 0; w < 8; w++) for (let i = 0; i < 5; i++) assert.ok(ids.includes(`p${w}-${i}`), `p${w}-${i} is lost`);
  assert.match(fs.readFileSync(tpool.store_file, 'utf8'), /a comment that must stay/);
  assert.equal(fs.statSync(tpool.store_file).mode & 0o777, 0o600);
});

scratch('a folder that cannot be written: non-zero, the cause, the store as it was', async (tpool) => {
  if (process.getuid() === 0) return read_only_by_attribute(tpool);
  fs.chmodSync(path.dirname(tpool.store_file), 0o500);
  return refused(tpool);
});

const refused = async (tpool) => {
  const before = fs.readFileSync(tpool.store_file, 'utf8');
  const done = await tpool.cli(['provider', 'edit', 'alpha', '--tag', 'x']);
  assert.notEqual(done.code, 0);
  assert.match(done.err, /tpool\.toml|config/);
  assert.equal(fs.readFileSync(tpool.store_file, 'utf8'), before);
};

// Root writes where it likes, so for root the store's folder becomes a file.
const read_only_by_attribute = async (tpool) => {
  const folder = path.dirname(tpool.store_file);
  const kept = `${folder}.kept`;
  fs.renameSync(folder, kept);
  fs.writeFileSync(folder, '');
  const done = await tpool.cli(['provider', 'add', 'beta', '--id', 'beta', '--protocol', 'chat', '--base-url', 'http://127.0.0.1:9/v1', '--no-key', '--no-test', '--no-input']);
  fs.rmSync(folder);
  fs.renameSync(kept, folder);
  assert.notEqual(done.code, 0);
  assert.match(done.err, /config/);
};

scratch('a file size limit in the middle of a write leaves the old store and no litter', async (tpool) => {
  const before = fs.readFileSync(tpool.store_file, 'utf8');
  const child = start('/bin/sh', ['-c', 'ulimit -f 0; exec "$0" provider edit alpha --tag x', binary], { env: tpool.env, cwd: tpool.folder });
  const { code, signal } = await child.ended;
  assert.equal(signal, null, 'SIGXFSZ does not kill it');
  assert.notEqual(code, 0);
  assert.equal(fs.readFileSync(tpool.store_file, 'utf8'), before);
  assert.deepEqual(fs.readdirSync(path.dirname(tpool.store_file)).filter((f) => f.includes('tmp')), []);
});

scratch('a newer store version is refused and never rewritten', async (tpool) => {
  const text = fs.readFileSync(tpool.store_file, 'utf8').replace('version = 1', 'version = 99');
  fs.writeFileSync(tpool.store_file, text);
  for (const args of [['provider', 'list'], ['provider', 'edit', 'alpha', '--tag', 'x'], ['config', 'check']]) {
    const done = await tpool.cli(args);
    assert.notEqual(done.code, 0, args.join(' '));
    assert.match(done.err, /version|newer/);
  }
  assert.equal(fs.readFileSync(tpool.store_file, 'utf8'), text);
});
