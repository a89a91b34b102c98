// pool enable and pool disable killed at any moment: disable afterwards always restores Codex's file.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { start } from './process.mjs';
import { binary, slow, Tpool } from './tpool.mjs';
import { sleep } from './wire.mjs';

const user_config = '# mine\r\nmodel = "gpt-5.5" # the one I like\r\napproval_policy = "never"\r\n\r\n[features]\r\ngoals = true\r\n';
const store = '[[provider]]\nid = "alpha"\nprotocol = "chat"\nbase_url = "http://127.0.0.1:9/v1"\nmodels = ["model-one"]\n';

const scratch = (name, body) => test(name, { timeout: 300_000 * slow }, async () => {
  const tpool = await Tpool.scratch({ store, clients: false });
  const config = path.join(tpool.codex_home, 'config.toml');
  fs.writeFileSync(config, user_config);
  const pool = (verb, ...args) => tpool.must(['pool', verb, '--yes', '--no-input', ...args]);
  try {
    await body({ tpool, config, pool, read: () => fs.readFileSync(config, 'utf8') });
  } finally {
    await tpool.close();
  }
});

scratch('two hundred kill -9s during enable and disable lose nothing of the user\'s', async ({ tpool, pool, read }) => {
  const from = Date.now();
  await pool('enable');
  const usual_ms = Date.now() - from;
  const wired = read();
  assert.match(wired, /model_provider = "tpool"/);
  await pool('disable');
  assert.equal(read(), user_config);
  for (let i = 0; i < 200 / slow; i++) {
    const verb = i % 2 === 0 ? 'enable' : 'disable';
    const child = start(binary, ['pool', verb, '--yes', '--no-input'], { env: tpool.env, cwd: tpool.folder });
    await sleep(Math.random() * usual_ms * 1.2);
    child.kill_group('SIGKILL');
    await child.ended;
    const text = read();
    assert.ok(text.startsWith('# mine\r\n') && text.includes('[features]\r\ngoals = true\r\n'), `round ${i}: ${text}`);
    if (i % 5 === 4) {
      await pool('disable');
      assert.equal(read(), user_config, `round ${i}, after ${verb}`);
    }
  }
});

scratch('what the user changes while wired stays after disable', async ({ config, pool, read }) => {
  await pool('enable');
  fs.writeFileSync(config, `${read().replace('goals = true', 'goals = false')}\r\n[profiles.mine]\r\nmodel = "x"\r\n`);
  await pool('disable');
  assert.equal(read(), `${user_config.replace('goals = true', 'goals = false')}\r\n[profiles.mine]\r\nmodel = "x"\r\n`);
});

scratch('enable twice, disable twice, in a symlinked file', async ({ config, pool, read }) => {
  const real = `${config}.real`;
  fs.renameSync(config, real);
  fs.symlinkSync(real, config);
  await pool('enable');
  await pool('enable');
  assert.ok(fs.lstatSync(config).isSymbolicLink());
  await pool('disable');
  await pool('disable');
  assert.ok(fs.lstatSync(config).isSymbolicLink());
  assert.equal(read(), user_config);
});

scratch('a config.toml that does not parse is left alone', async ({ tpool, config, read }) => {
  fs.writeFileSync(config, 'model = "x\n[broken');
  const done = await tpool.cli(['pool', 'enable', '--yes', '--no-input']);
  assert.notEqual(done.code, 0);
  assert.match(done.err, /config\.toml/);
  assert.equal(read(), 'model = "x\n[broken');
});

scratch('a second sync keeps the token, and the store keeps only its hash', async ({ tpool, pool, read }) => {
  const token = () => /experimental_bearer_token = "([^"]+)"/.exec(read())?.[1];
  await pool('enable');
  const first = token();
  assert.ok(first?.length >= 32);
  await tpool.must(['provider', 'edit', 'alpha', '--tag', 'x']);
  await pool('sync');
  assert.equal(token(), first);
  const text = fs.readFileSync(tpool.store_file, 'utf8');
  assert.ok(!text.includes(first));
  assert.match(text, /token_sha256 = "[0-9a-f]{64}"/);
});
