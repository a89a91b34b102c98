// The life of `tpool serve`: start, reload, heartbeats, drain, stop.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { FakeProvider } from './fake_provider.mjs';
import { exited, run, start, stop } from './process.mjs';
import { answer, say } from './turn.mjs';
import { read_stream } from './responses_client.mjs';
import { binary, provider_toml, repository, slow, Tpool } from './tpool.mjs';
import { sleep } from './wire.mjs';
import { alpha, ask, world } from './world.mjs';

const post = (tpool, more, options) => tpool.request('POST', '/v1/responses', { body: ask('hi', more), ...options });
const until = async (holds, limit_ms) => {
  const end = Date.now() + limit_ms * slow;
  while (!(await holds())) {
    if (Date.now() > end) return false;
    await sleep(50);
  }
  return true;
};
// A drain has begun once nobody accepts any more.
const refuses = (tpool) => until(() => tpool.request('GET', '/health', { limit_ms: 2000 }).then(() => false, () => true), 10_000);
const long_turn = { ...answer(say('0123456789'.repeat(3))), piece: 1, pace_ms: 100 };

world('serve is ready within half a second and says where it listens', alpha([]), async (tpool) => {
  const times = [tpool.ready_ms];
  for (let i = 0; i < 2; i++) {
    await stop(tpool.server, 'SIGTERM', 10_000 * slow);
    await tpool.serve();
    times.push(tpool.ready_ms);
  }
  assert.ok(Math.min(...times) < 500 * slow, `${times} ms`);
  assert.match(tpool.server.out + tpool.server.err, new RegExp(`127\\.0\\.0\\.1:${tpool.port}`));
});

world('a busy port is an error that names the port', { ...alpha([]), serve: false }, async (tpool) => {
  const server = net.createServer().listen(tpool.port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const done = await tpool.cli(['serve']);
  server.close();
  assert.equal(done.timed_out, false, 'it ends at once');
  assert.notEqual(done.code, 0);
  assert.match(done.err, new RegExp(String(tpool.port)));
});

world('a broken store stops serve with file, line and column', { ...alpha([]), serve: false }, async (tpool) => {
  fs.writeFileSync(tpool.store_file, 'version = 1\n[settings\n', { mode: 0o600 });
  const done = await tpool.cli(['serve']);
  assert.notEqual(done.code, 0);
  assert.equal(done.timed_out, false);
  assert.match(done.err, /tpool\.toml/);
  assert.match(done.err, /:2\b|line 2/);
});

world('an edit of the store is served without a restart, and drops no stream', alpha([long_turn]), async (tpool, { alpha }) => {
  const running = post(tpool);
  await alpha.arrived(1);
  const beta = await FakeProvider.start({ name: 'beta', models: ['model-two'], turns: [answer(say('from beta'))] });
  try {
    const etag = (await tpool.request('GET', '/v1/models')).headers['x-models-etag'];
    tpool.write_store(provider_toml(beta));
    assert.ok(await until(async () => (await tpool.request('GET', '/v1/models')).text.includes('beta/model-two'), 10_000), 'the list shows the new provider');
    assert.notEqual((await tpool.request('GET', '/v1/models')).headers['x-models-etag'], etag);
    const other = await post(tpool, { model: 'beta/model-two' });
    assert.equal(read_stream(other.text).text, 'from beta');
    assert.equal((await post(tpool)).status, 404, 'the old provider is gone for new requests');
    const said = read_stream((await running).text);
    assert.equal(said.text, '0123456789'.repeat(3));
    assert.equal(said.end, 'completed');
    beta.expect_clean();
  } finally {
    await beta.close();
  }
});

world('what a command edited is served when it returns', alpha([]), async (tpool) => {
  const edits = 10;
  for (let i = 0; i < edits; i++) {
    await tpool.must(['model', 'alias', `name-${i}`, 'alpha/model-one', '--no-input']);
    assert.ok((await tpool.request('GET', '/v1/models')).text.includes(`"name-${i}"`), `edit ${i}`);
  }
  const { out } = await tpool.must(['client', 'create', 'laptop']);
  assert.equal((await tpool.request('GET', '/v1/models', { token: out.trim() })).json().data.length, edits + 1);
});

world('a slow reload that began earlier does not undo a later one', { ...alpha([]), serve: false }, async (tpool) => {
  const flag = path.join(tpool.folder, 'slow');
  tpool.write_store(`
[[provider]]
id = "alpha"
protocol = "chat"
base_url = "http://127.0.0.1:9/v1"
models = ["model-one"]
[[provider.key]]
id = "main"
command = ["sh", "-c", "if [ -e ${flag} ]; then echo x > ${flag}.seen; sleep ${2 * slow}; echo x > ${flag}.over; fi; echo a-key"]
`);
  await tpool.serve();
  const names = async () => (await tpool.request('GET', '/v1/models')).json().data.map((m) => m.id);
  fs.writeFileSync(flag, '');
  tpool.server.kill('SIGHUP');
  assert.ok(await until(() => fs.existsSync(`${flag}.seen`), 10_000), 'the first reload began');
  fs.rmSync(flag);
  fs.appendFileSync(tpool.store_file, '\n[[alias]]\nname = "late"\ntarget = "alpha/model-one"\n');
  assert.ok(await until(async () => (await names()).includes('late'), 10_000), 'the second reload counts at once');
  assert.ok(await until(() => fs.existsSync(`${flag}.over`), 10_000), 'the first reload ends');
  await sleep(200 * slow);
  assert.ok((await names()).includes('late'), 'the store of the second one is served');
});

world('a store that is a link is watched by both of its names', { ...alpha([]), serve: false }, async (tpool) => {
  const folder = path.dirname(tpool.store_file);
  const alias = (name) => `\n[[alias]]\nname = "${name}"\ntarget = "alpha/model-one"\n`;
  const text = fs.readFileSync(tpool.store_file, 'utf8');
  const other = { one: path.join(folder, 'one.toml'), two: path.join(folder, 'two.toml') };
  for (const name of ['one', 'two']) fs.writeFileSync(other[name], text + alias(name), { mode: 0o600 });
  const point_at = (name) => {
    fs.symlinkSync(`${name}.toml`, `${tpool.store_file}.new`);
    fs.renameSync(`${tpool.store_file}.new`, tpool.store_file);
  };
  point_at('one');
  await tpool.serve();
  const names = async () => (await tpool.request('GET', '/v1/models')).json().data.map((m) => m.id);
  assert.ok((await names()).includes('one'));
  fs.appendFileSync(other.one, alias('more'));
  assert.ok(await until(async () => (await names()).includes('more'), 10_000), 'what it leads to was edited');
  point_at('two');
  assert.ok(await until(async () => (await names()).includes('two'), 10_000), 'the link was replaced');
});

world('where only the profile is wired, the next step names it', alpha([]), async (tpool) => {
  await tpool.must(['pool', 'enable', '--profile', '--yes']);
  assert.match((await tpool.must(['pool', 'status'])).err, /^next: codex -p tpool -m alpha\/model-one$/m);
  await tpool.must(['pool', 'enable', '--yes']);
  assert.match((await tpool.must(['pool', 'status'])).err, /^next: codex -m alpha\/model-one$/m);
});

world('another listen counts from the next start, and is said to', alpha([]), async (tpool) => {
  const done = await tpool.must(['config', 'set', 'listen', '127.0.0.1:4000']);
  assert.match(done.err, /^next: stop tpool serve and start it again/m);
  assert.doesNotMatch((await tpool.must(['config', 'set', 'profile', 'cheap'])).err, /start it again/);
});

world('a broken edit changes nothing and SIGHUP reads a good one', alpha(() => answer(say('still here'))), async (tpool) => {
  const good = fs.readFileSync(tpool.store_file, 'utf8');
  fs.writeFileSync(tpool.store_file, `${good}\n[[provider]\n`);
  const is_told = async () => /tpool\.toml/.test((await tpool.must(['status'])).out);
  assert.ok(await until(is_told, 10_000), 'status shows why the edit is not served');
  assert.equal(read_stream((await post(tpool)).text).text, 'still here');
  fs.writeFileSync(tpool.store_file, good.replace('models = ["model-one"]', 'models = ["model-one", "model-new"]'));
  tpool.server.kill('SIGHUP');
  assert.ok(await until(async () => (await tpool.request('GET', '/v1/models')).text.includes('model-new'), 10_000));
});

world('a watched status goes on until serve ends, or nobody reads', { ...alpha([]), ends: true }, async (tpool) => {
  const watch = (...args) => start(binary, ['status', '--watch', ...args], { env: tpool.env, cwd: tpool.folder });
  const [script, reader] = [watch('--json'), watch()];
  const lines = () => script.out.split('\n').filter(Boolean);
  assert.ok(await until(() => lines().length >= 2 && reader.out.includes('alpha'), 10_000), script.out + script.err);
  for (const line of lines().slice(0, 2)) assert.equal(JSON.parse(line).pid, tpool.server.pid);
  assert.ok(!reader.out.includes('\x1b'), 'no terminal, no control characters');
  reader.stdout.destroy();
  assert.equal((await exited(reader, 10_000 * slow))?.code, 0, 'who reads no more ends it');
  await stop(tpool.server, 'SIGTERM', 10_000 * slow);
  assert.equal((await exited(script, 10_000 * slow))?.code, 6);
  assert.match(JSON.parse(script.err).error.message, /serve/);
});

world('SIGTERM lets a stream finish, takes no new request, then ends with 0', { ...alpha([long_turn]), ends: true }, async (tpool, { alpha }) => {
  const running = post(tpool);
  await alpha.arrived(1);
  tpool.server.kill('SIGTERM');
  assert.ok(await refuses(tpool), 'nobody accepts any more');
  const said = read_stream((await running).text);
  assert.equal(said.text, '0123456789'.repeat(3));
  const from = Date.now();
  const ended = await exited(tpool.server, 5000 * slow);
  assert.ok(ended, 'it ends after the last stream');
  assert.ok(Date.now() - from < 3000 * slow);
  assert.equal(ended.code, 0);
});

world('a second SIGTERM ends it at once, a stream is told', { ...alpha([{ ...answer(say('x'.repeat(50))), stop_after: 6, then: 'silence' }]), ends: true }, async (tpool, { alpha }) => {
  const running = post(tpool).catch((error) => ({ error }));
  await alpha.arrived(1);
  tpool.server.kill('SIGTERM');
  assert.ok(await refuses(tpool), 'nobody accepts any more');
  assert.equal(tpool.server.exitCode, null, 'one signal waits for the stream');
  tpool.server.kill('SIGTERM');
  assert.ok(await exited(tpool.server, 3000 * slow), 'two do not');
  await running;
});

world('an idle server stops at once and closes idle connections', { ...alpha([]), ends: true }, async (tpool) => {
  const socket = net.connect(tpool.port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.on('error', () => {});
  assert.ok(await stop(tpool.server, 'SIGTERM', 10_000 * slow) < 3000 * slow);
  assert.equal(tpool.server.exitCode, 0);
  socket.destroy();
});

world('an idle server uses no CPU to speak of', alpha([]), async (tpool) => {
  const ticks = () => fs.readFileSync(`/proc/${tpool.server.pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((a, b) => a + Number(b), 0);
  // A start may still have something to clear away; who spins does so again and again.
  let used;
  for (let i = 0; i < 3 && !(used <= 9); i++) {
    const before = ticks();
    await sleep(3000);
    used = ticks() - before;
  }
  assert.ok(used <= 9, `${used} ticks of 10 ms in 3 s`);
});

test('tpool demo shows the main job without any key', { timeout: 60_000 * slow }, async () => {
  const tpool = await Tpool.scratch({ clients: false, store: '' });
  try {
    fs.rmSync(tpool.store_file);
    const done = await tpool.cli(['demo']);
    assert.equal(done.code, 0, done.out + done.err);
    assert.match(done.out, /route/i);
    assert.match(done.out, /response\.completed/);
    assert.match(done.out, /cost|usd|\$/i);
    assert.equal(fs.existsSync(tpool.store_file), false, 'the user\'s store is not touched');
  } finally {
    await tpool.close();
  }
});

test('the README opens with the two commands, and they exist', () => {
  const readme = fs.readFileSync(path.join(repository, 'README.md'), 'utf8');
  const first_block = /```[a-z]*\n([\s\S]*?)```|((?:^ {4}.*\n)+)/m.exec(readme);
  const commands = (first_block[1] ?? first_block[2]).split('\n').map((l) => l.trim().split('#')[0].trim()).filter(Boolean);
  assert.deepEqual(commands, ['scripts/demo', 'scripts/test']);
  for (const script of ['scripts/setup', ...commands, '.ci/run'])
    assert.ok(fs.statSync(path.join(repository, script)).mode & 0o100, `${script} is executable`);
});

test('every script says what is wrong with its arguments', async () => {
  const done = await run(path.join(repository, 'scripts/test'), ['--nonsense'], { limit_ms: 10_000 });
  assert.equal(done.code, 2);
  assert.match(done.err, /usage/);
  assert.ok(fs.existsSync(binary), `${binary} is built`);
});
