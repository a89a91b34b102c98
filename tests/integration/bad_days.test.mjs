// Bad days, end to end: every turn completes or names the cause, and what was learned is not forgotten.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { answer, fail, say } from './turn.mjs';
import { read_stream } from './responses_client.mjs';
import { stop } from './process.mjs';
import { free_port, provider_toml, slow } from './tpool.mjs';
import { sleep } from './wire.mjs';
import { ask, world } from './world.mjs';

const keys = ['sk-first-0123456789', 'sk-second-0123456789'];
// The first key is the favourite, whatever was learned of it.
const two_keys = (turns, more = {}) => ({ settings: 'strategy = "priority"\n', providers: { alpha: { keys, turns, ...more } } });
const post = (tpool, more) => tpool.request('POST', '/v1/responses', { body: ask('hi', more), limit_ms: 60_000 });
const calls = (provider, key, from = 0) => provider.requests.filter((r) => r.key === key && r.at >= from).length;
const error = (message, code, more = {}) => ({ error: { message, code, ...more } });
const fine = (reply, text = 'fine') => assert.equal(read_stream(reply.text).text, text, reply.text);
const status_of = async (tpool, key = 'key-1', provider) => {
  const { providers } = JSON.parse((await tpool.must(['status', '--json'])).out);
  return (providers.find((p) => p.id === provider) ?? providers[0]).keys.find((k) => k.id === key);
};

const until = async (what, holds) => {
  for (const end = Date.now() + 10_000 * slow; !(await holds()); await sleep(20)) assert.ok(Date.now() < end, `waited in vain for ${what}`);
};
// As the health says by the same predicate as routing.
const nobody_can_serve = (tpool) => until('a health of 503', async () => (await tpool.request('GET', '/health', { token: null })).status === 503);

let revived = false;
let reset_at = 0;

// However long forty requests take, the key rests for longer.
const long_rest = { settings: 'strategy = "priority"\n[routing]\ncool_down = "1m"\n' };
world('a storm of 429 on the favourite costs a few attempts, not one for each request', { ...two_keys((r) => (r.key === keys[0] ? fail(429, error('slow down')) : answer(say('fine')))), ...long_rest }, async (tpool, { alpha }) => {
  for (let i = 0; i < 40; i++) fine(await post(tpool));
  assert.ok(calls(alpha, keys[0]) <= 2, `${calls(alpha, keys[0])} calls of a cooling key`);
  const state = await status_of(tpool);
  assert.equal(state.state, 'cooldown');
  assert.ok(Date.parse(state.until) > Date.now() - 1000, state.until);
});

world('a 429 that says to come back at once is not asked again while another key is left', two_keys((r) => (r.key === keys[0] ? fail(429, error('slow down'), { 'retry-after': '0' }) : answer(say('fine')))), async (tpool, { alpha }) => {
  fine(await post(tpool));
  assert.ok(calls(alpha, keys[0]) <= 1, `${calls(alpha, keys[0])} calls`);
});

world('a key revoked in the middle of a session is called once more, then never, until it is reset', two_keys((r, i) => (r.key === keys[0] && i >= 3 && !revived ? fail(401, error('revoked')) : answer(say('fine')))), async (tpool, { alpha }) => {
  revived = false;
  for (let i = 0; i < 10; i++) fine(await post(tpool));
  assert.equal(calls(alpha, keys[0]), 4);
  assert.equal((await status_of(tpool)).state, 'auth');
  revived = true;
  const from = Date.now();
  const reset = await tpool.must(['key', 'reset', 'alpha', 'key-1', '--json']);
  assert.equal(JSON.parse(reset.out).reset, 1);
  fine(await post(tpool));
  assert.equal(calls(alpha, keys[0], from), 1);
  assert.equal((await status_of(tpool)).state, 'healthy');
});
world('a quota with a reset time is left alone until then', two_keys((r) => (r.key === keys[0] && Date.now() < reset_at ? fail(429, error('You exceeded your current quota', 'insufficient_quota', { resets_in_seconds: Math.ceil((reset_at - Date.now()) / 1000) })) : answer(say('fine')))), async (tpool, { alpha }) => {
  reset_at = Date.now() + 3000 * slow;
  for (let i = 0; i < 8; i++) fine(await post(tpool));
  assert.equal(calls(alpha, keys[0]), 1);
  const { state, until } = await status_of(tpool);
  assert.equal(state, 'quota');
  // Said in whole seconds, and counted from when the answer is read.
  assert.ok(Date.parse(until) >= reset_at && Date.parse(until) < reset_at + 3000 * slow, until);
  await sleep(Date.parse(until) - Date.now() + 50);
  const from = Date.now();
  fine(await post(tpool));
  assert.equal(calls(alpha, keys[0], from), 1);
});
world('a brown-out of the favourite: every turn completes, and the bad key is left in peace', two_keys((r, i) => (r.key === keys[0] && i % 3 !== 2 ? fail(500, error('internal')) : answer(say('fine')))), async (tpool, { alpha }) => {
  for (let i = 0; i < 60; i++) fine(await post(tpool));
  assert.ok(alpha.requests.length <= 60 * 1.2, `${alpha.requests.length} attempts for 60 requests`);
});

world('a provider that stands alone is asked once more after a hiccup', { providers: { alpha: { turns: (r, i) => (i === 0 ? fail(503, error('try later')) : answer(say('fine'))) } } }, async (tpool, { alpha }) => {
  fine(await post(tpool));
  assert.equal(alpha.requests.length, 2);
  assert.ok(alpha.requests[1].at - alpha.requests[0].at >= 150, 'with a pause before');
});

// Nobody takes its port while it is away.
const kept_port = await free_port();
world('a dead provider is named, and answers again as soon as it is back', { providers: { alpha: { port: kept_port, turns: () => answer(say('fine')) } } }, async (tpool, { alpha }) => {
  await alpha.close();
  for (let i = 0; i < 6; i++) {
    const reply = await post(tpool, { stream: false });
    assert.ok(reply.status >= 400, reply.text);
    assert.match(reply.json().error.message, /alpha.*connect/);
  }
  await new Promise((resolve) => alpha.server.listen(kept_port, '127.0.0.1', resolve));
  fine(await post(tpool));
  assert.equal((await status_of(tpool)).state, 'healthy');
});

world('with everybody cooling the line moves on when the first is back, first come first served', { providers: { alpha: { turns: (r, i) => (i === 0 ? fail(429, error('slow down'), { 'retry-after': '2' }) : answer(say('fine'))) } } }, async (tpool, { alpha }) => {
  const replies = [];
  for (let i = 0; i < 12; i++) {
    replies.push(tpool.request('POST', '/v1/responses', { body: ask(`number ${i}`), limit_ms: 30_000 }));
    if (i === 0) await nobody_can_serve(tpool);
    await sleep(40);
  }
  for (const reply of await Promise.all(replies)) fine(reply);
  assert.ok(alpha.requests[1].at - alpha.requests[0].at >= 1900, 'the hint was honoured');
  const order = alpha.requests.slice(1).map((r) => Number(/number (\d+)/.exec(r.bytes.toString())[1]));
  assert.deepEqual(order, [...order].sort((a, b) => a - b));
});

world('a reset ends the waiting at once', { providers: { alpha: { turns: (r, i) => (i === 0 ? fail(429, error('slow down'), { 'retry-after': '50' }) : answer(say('fine'))) } } }, async (tpool, { alpha }) => {
  const reply = post(tpool);
  await alpha.arrived(1);
  await nobody_can_serve(tpool);
  await tpool.must(['key', 'reset']);
  const from = Date.now();
  fine(await reply);
  assert.ok(Date.now() - from < 3000 * slow);
});

world('a secret replaced while a request waits for its key is not blamed for what the old one met', {
  providers: { alpha: { keys, turns: (r, i) => (r.key === keys[1] ? answer(say('fine')) : i === 0 ? fail(429, error('slow down'), { 'retry-after': '50' }) : fail(401, error('revoked'))) } },
  tables: ({ alpha }) => [provider_toml({ ...alpha, dialect_name: alpha.dialect_name, base_url: alpha.base_url, keys: [keys[0]] })],
}, async (tpool, { alpha }) => {
  const waiting = post(tpool, { stream: false });
  await until('the rest', async () => (await status_of(tpool)).state === 'cooldown');
  fs.writeFileSync(tpool.store_file, fs.readFileSync(tpool.store_file, 'utf8').replace(keys[0], keys[1]));
  await tpool.reload();
  const told = await waiting;
  assert.match(told.json().error.message, /revoked/, 'it goes on with what it began with');
  fine(await post(tpool));
  assert.equal((await status_of(tpool)).state, 'healthy');
});

world('a key file is read anew with each reload, and until it is right the truth is told', {
  providers: { alpha: { turns: () => answer(say('fine')) }, beta: { turns: () => answer(say('fine')) } },
  tables: ({ alpha, beta }) => [provider_toml(beta), provider_toml(alpha).replace(/^value = .*$/m, 'file = "key"')], serve: false,
}, async (tpool, { alpha }) => {
  const file = path.join(tpool.folder, 'key');
  fs.writeFileSync(tpool.store_file, fs.readFileSync(tpool.store_file, 'utf8').replace('file = "key"', `file = "${file}"`));
  await tpool.serve();
  for (const ask_for of [0, 1]) {
    const reply = await tpool.request('POST', '/v1/chat/completions', { body: { model: 'alpha/model-one', messages: [{ role: 'user', content: String(ask_for) }] } });
    assert.equal(reply.status, 403, reply.text);
    assert.match(reply.json().error.message, /there is no file/);
  }
  assert.match((await tpool.must(['route', 'explain', 'alpha/model-one'])).out, /there is no file/);
  const write = (secret) => fs.writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  write('sk-mistyped-0123456789');
  await tpool.reload();
  for (const says of [/API key/, /does not accept the key/]) assert.match((await post(tpool, { stream: false })).json().error.message, says);
  assert.equal(alpha.requests.length, 1);
  write(alpha.key);
  await tpool.reload();
  fine(await post(tpool));
  alpha.keys = ['sk-another-0123456789'];
  await post(tpool);
  assert.equal((await status_of(tpool, 'key-1', 'alpha')).state, 'auth');
  write(alpha.key);
  assert.equal(JSON.parse((await tpool.must(['key', 'reset', 'alpha', '--json'])).out).reset, 1, 'a reset reads it, too');
  fine(await post(tpool));
});

world('a repeat at the only key keeps to the pace of the store', { providers: { alpha: { toml: 'limits = { rpm = 11 }',
  turns: (r, i) => (i === 0 ? fail(503, error('try later')) : answer(say('fine'))) } } }, async (tpool, { alpha }) => {
  fine(await post(tpool));
  // Ten seconds' worth may come at once, which is less than two.
  const pause = alpha.requests[1].at - alpha.requests[0].at;
  assert.ok(pause >= 890, `${pause} ms`);
});

const chat = (tpool) => tpool.request('POST', '/v1/chat/completions', { body: { model: 'alpha/model-one', messages: [{ role: 'user', content: 'hi' }] } });

world('a refused key is told as one and not as overload, whatever else is switched off', two_keys(() => fail(401, error('no such key'))), async (tpool) => {
  fs.writeFileSync(tpool.store_file, fs.readFileSync(tpool.store_file, 'utf8').replace('id = "key-2"', 'id = "key-2"\nenabled = false'));
  await tpool.reload();
  for (let i = 0; i < 2; i++) {
    const reply = await chat(tpool);
    assert.deepEqual([reply.status, reply.json().error.code], [403, 'provider_auth'], reply.text);
  }
});

world('an account on hold is told as that, to whoever asks', two_keys(() => fail(403, error('Your account has been suspended', 'account_suspended'))), async (tpool, { alpha }) => {
  for (let i = 0; i < 2; i++) {
    const reply = await chat(tpool);
    assert.deepEqual([reply.status, reply.json().error.code], [403, 'provider_hold'], reply.text);
  }
  assert.equal(alpha.requests.length, 1);
});

const five = [...keys, 'sk-third-0123456789', 'sk-fourth-0123456789', 'sk-fifth-0123456789'];
for (const [says, headers] of [['an hour', { 'retry-after': '3600' }], ['nothing', {}]])
  world(`who had no attempt left for a key that rests not is told to come back at once, though the others say ${says}`, { ...long_rest,
    providers: { alpha: { keys: five, turns: (r) => (r.key === five[4] ? answer(say('fine')) : fail(429, error('slow down'), headers)) } } }, async (tpool, { alpha }) => {
    const reply = await post(tpool, { stream: false });
    assert.deepEqual([reply.status, reply.headers['retry-after']], [429, '1'], reply.text);
    assert.equal(alpha.requests.length, 4);
    fine(await post(tpool));
    assert.equal(alpha.requests.length, 5);
  });

for (const [how, signal] of [['a stop', 'SIGTERM'], ['kill -9', 'SIGKILL']])
  world(`after ${how} a cooling key is not called`, two_keys((r) => (r.key === keys[0] ? fail(429, error('slow down'), { 'retry-after': '600' }) : answer(say('fine')))), async (tpool, { alpha }) => {
    fine(await post(tpool));
    assert.equal(calls(alpha, keys[0]), 1);
    const file = path.join(tpool.home, 'state/deadlines.json');
    await until('the file', () => fs.existsSync(file));
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    await stop(tpool.server, signal, 10_000 * slow);
    await tpool.serve();
    for (let i = 0; i < 5; i++) fine(await post(tpool));
    assert.equal(calls(alpha, keys[0]), 1);
    assert.equal((await status_of(tpool)).state, 'cooldown');
    await stop(tpool.server, 'SIGTERM', 10_000 * slow);
    assert.equal(JSON.parse((await tpool.must(['key', 'reset', 'alpha', '--json'])).out).reset, 1);
    await tpool.serve();
    fine(await post(tpool));
    assert.equal(calls(alpha, keys[0]), 2);
  });

world('deadlines nobody can read stop nothing', { providers: { alpha: { turns: () => answer(say('fine')) } }, serve: false }, async (tpool) => {
  fs.mkdirSync(path.join(tpool.home, 'state'), { recursive: true, mode: 0o700 });
  fs.writeFileSync(path.join(tpool.home, 'state/deadlines.json'), '{"version":1,"holds":[{"until_ms":1e999}', { mode: 0o600 });
  await tpool.serve();
  fine(await post(tpool));
});

// The answer of one attempt: words that only this attempt says, so that a splice shows.
const words = (attempt) => Array.from({ length: 12 }, (_, i) => `[${attempt}:${i}]`).join(' ');
const faults = [
  (turn) => turn, (turn) => turn, (turn) => turn,
  (turn, at) => ({ ...turn, stop_after: at, then: 'reset' }),
  (turn, at) => ({ ...turn, stop_after: at, then: 'cut' }),
  () => fail(429, error('slow down'), { 'retry-after': '0' }),
  () => fail(500, error('internal')),
  () => ({ raw: ['garbage\r\n\r\n', 'cut'] }),
  () => ({ status: 200, body: '' }),
];
const streams = Number(process.env.TPOOL_STREAMS ?? 600);

for (const dialect of ['responses', 'chat'])
  world(`no answer is doubled or spliced in ${streams} fault-injected streams (${dialect})`, { providers: { alpha: { keys: [...keys, 'sk-third-0123456789'], dialect,
    turns: (r, i) => { const at = (i * 7919) % 20; return faults[(i * 31 + (i >> 3)) % faults.length](answer(say(words(i))), at); } } } }, async (tpool, { alpha }) => {
    let next = 0;
    let whole = 0;
    const one = async () => {
      while (next < streams) {
        next += 1;
        const reply = await post(tpool);
        if (reply.status !== 200) {
          assert.match(reply.json().error.message, /alpha|provider/, reply.text);
          continue;
        }
        const said = read_stream(reply.text);
        const attempt = /\[(\d+):0\]/.exec(said.text)?.[1];
        assert.ok(said.text === '' || words(attempt ?? '').startsWith(said.text), `spliced: ${said.text}`);
        assert.ok(['completed', 'failed', 'incomplete'].includes(said.end), said.end);
        if (said.end === 'completed') {
          assert.equal(said.text, words(attempt));
          whole += 1;
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, one));
    assert.ok(whole > streams / 3, `${whole} of ${streams} are whole`);
    assert.ok(alpha.requests.length <= streams * 2.2, `${alpha.requests.length} attempts`);
  });

// The believed wait for a first word is below two seconds, so eleven are plenty for a model that does not think.
const plain_model = (turns) => ({ turns, models: ['plain'], model_toml: 'reasoning = false' });
world('a silent provider is left for another after four times the believed wait, where no thinking can explain it', {
  settings: 'strategy = "priority"\n\n[[model]]\nid = "plain"\n',
  providers: { alpha: plain_model(() => ({ ...answer(say('late')), before_first_event_ms: 60_000 })), beta: plain_model(() => answer(say('fine'))) },
}, async (tpool, { alpha, beta }) => {
  const from = Date.now();
  const reply = await tpool.request('POST', '/v1/responses', { body: { model: 'plain', input: 'hi', stream: true }, limit_ms: 60_000 });
  fine(reply);
  assert.equal(beta.requests.length, 1);
  const took = Date.now() - from;
  assert.ok(took >= 7900 && took < 20_000 * slow, `${took} ms`);
  await alpha.requests[0].gone;
  const [record] = await tpool.records();
  assert.match(record.attempts[0].reason, /no content within (8|9|1\d) s/);
});
