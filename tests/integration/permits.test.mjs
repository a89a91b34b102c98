// Permits: caps are held, the line is first come first served, and nobody is left in it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createHash } from 'node:crypto';
import { answer, fail, say } from './turn.mjs';
import { RawClient } from './raw.mjs';
import { read_stream } from './responses_client.mjs';
import { slow, token } from './tpool.mjs';
import { sleep } from './wire.mjs';
import { ask, world } from './world.mjs';

// The tests' own client may only generate.
const admin = 'test-admin-token-0123456789abcdef0123456789abcdef0';
const admin_client = `\n[[client]]\nid = "boss"\nscope = "admin"\ntoken_sha256 = "${createHash('sha256').update(admin).digest('hex')}"\n`;

const look = (tpool) => tpool.request('GET', '/api/concurrency', { token: admin });
const row_of = async (tpool) => (await look(tpool)).json().providers.alpha.models['model-one'];
const put = (tpool, body) => tpool.request('PUT', '/api/concurrency', { body, token: admin });
const post = (tpool, input, more = {}) => tpool.request('POST', '/v1/responses', { body: ask(input, more), limit_ms: 60_000 });

const alpha = (turns, { keys = 1, ...toml } = {}) => ({ providers: { alpha: { turns, ...toml,
  keys: Array.from({ length: keys }, (_, i) => `sk-number-${i}-0123456789`) } } });

// The most requests of one key that were open at once, as the provider saw them. A request whose peer left
// is over when the peer says so, which may be a moment later than it was given up.
const most_at_once = (requests, key, grace = 0) => {
  const steps = requests.filter((r) => r.key === key).flatMap((r) => {
    const end = r.answered_at ?? (r.gone_at === null ? Infinity : r.gone_at - grace);
    return [[r.at, 1], [Math.max(r.at, end), -1]];
  }).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let now = 0;
  return Math.max(...steps.map(([, by]) => (now += by)));
};

const slowly = (ms) => () => ({ ...answer(say('done')), before_headers_ms: ms });

// Turns that all wait until it is opened.
const latch = () => {
  const made = {};
  const until = new Promise((resolve) => { made.open = resolve; });
  made.holds = async () => {
    await until;
    return answer(say('from alpha'));
  };
  return made;
};

const in_line = async (tpool, count) => {
  const end = Date.now() + 10_000 * slow;
  while ((await row_of(tpool)).pending < count) {
    assert.ok(Date.now() < end, `nobody stands in line as number ${count}`);
    await sleep(5);
  }
};

const worlds = (name, options, body) => world(name, options, async (tpool, providers) => {
  fs.appendFileSync(tpool.store_file, admin_client);
  await tpool.reload();
  await body(tpool, providers);
});

worlds('200 clients over three limited keys: caps held, order kept, nobody starves', alpha(slowly(20), { keys: 3, key_toml: 'limits = { concurrency = 4 }' }), async (tpool, { alpha }) => {
  const replies = [];
  for (let i = 0; i < 200; i++) {
    replies.push(post(tpool, `number ${i}`));
    await sleep(3);
  }
  const before = await row_of(tpool);
  for (const reply of await Promise.all(replies)) {
    assert.equal(reply.status, 200, reply.text);
    assert.equal(read_stream(reply.text).text, 'done');
  }
  assert.equal(alpha.requests.length, 200);
  for (const key of alpha.keys) {
    const most = most_at_once(alpha.requests, key);
    assert.ok(most <= 4, `${most} at once`);
  }
  const order = alpha.requests.map((r) => Number(/number (\d+)/.exec(r.bytes.toString())[1]));
  const late = Math.max(...order.map((n, i) => Math.abs(n - i)));
  assert.ok(late <= 14, `somebody is ${late} places off: ${order.join(' ')}`);
  assert.equal(before.limit, 12);
  assert.ok(before.in_use <= 12);
  const after = await row_of(tpool);
  assert.equal(after.in_use, 0);
  assert.equal(after.pending, 0);
  assert.equal(after.timeouts_total, 0);
});

worlds('those who leave the line or in the middle leave no slot behind', alpha(slowly(60), { keys: 3, key_toml: 'limits = { concurrency = 3 }' }), async (tpool, { alpha }) => {
  const leavers = [];
  const replies = [];
  for (let i = 0; i < 60; i++) {
    const client = await RawClient.open(tpool.port);
    const bytes = JSON.stringify(ask(`leaver ${i}`));
    await client.send(`POST /v1/responses HTTP/1.1\r\nhost: 127.0.0.1:${tpool.port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n${bytes}`);
    leavers.push(client);
    replies.push(post(tpool, `stayer ${i}`));
  }
  for (const [i, client] of leavers.entries()) {
    client[i % 2 ? 'close' : 'reset']();
    await sleep(5);
  }
  for (const reply of await Promise.all(replies)) assert.equal(read_stream(reply.text).text, 'done', reply.text);
  for (const key of alpha.keys) assert.ok(most_at_once(alpha.requests, key, 100 * slow) <= 3);
  const end = Date.now() + 10_000 * slow;
  let row = await row_of(tpool);
  while (row.in_use + row.pending > 0 && Date.now() < end) {
    await sleep(50);
    row = await row_of(tpool);
  }
  assert.equal(row.in_use, 0);
  assert.equal(row.pending, 0);
});

const turning = latch();
worlds('a limit is changed while requests wait: up at once, down by draining', alpha(turning.holds, { key_toml: 'limits = { concurrency = 1 }' }), async (tpool, { alpha }) => {
  const replies = [];
  for (let i = 0; i < 6; i++) replies.push(post(tpool, `number ${i}`));
  await alpha.arrived(1);
  await in_line(tpool, 5);
  const waiting = await row_of(tpool);
  assert.equal(waiting.in_use, 1);
  assert.equal(waiting.pending, 5);
  assert.ok(waiting.peak_pending_recent >= 5);
  assert.equal(waiting.available, 0);
  assert.ok(waiting.oldest_wait_ms >= 0);
  const answer = await put(tpool, { provider: 'alpha', model: 'model-one', limit: 4 });
  assert.equal(answer.status, 200, answer.text);
  const row = answer.json();
  assert.equal(row.previous_limit, 1);
  assert.equal(row.limit, 4);
  assert.equal(row.in_use, 4);
  assert.equal(row.pending, 2);
  assert.equal(row.persisted, false);
  assert.equal(row.keys.length, 1);
  await alpha.arrived(4);
  await put(tpool, { provider: 'alpha', model: 'model-one', limit: 1 });
  assert.equal((await row_of(tpool)).in_use, 4);
  turning.open();
  for (const reply of await Promise.all(replies)) assert.equal(reply.status, 200);
  const done = await row_of(tpool);
  assert.equal(done.in_use, 0);
  assert.equal(done.queued_total, 5);
  assert.ok(done.wait_p99_ms >= done.wait_p50_ms);
});

const full = latch();
worlds('a full line turns away with a time to come back, and a limit can be kept', alpha(full.holds, { toml: 'limits = { concurrency = 1, queue = 1 }' }), async (tpool, { alpha }) => {
  const first = post(tpool, 'first');
  await alpha.arrived(1);
  const second = post(tpool, 'second');
  await in_line(tpool, 1);
  const third = await post(tpool, 'third', { stream: false });
  assert.equal(third.status, 429, third.text);
  assert.ok(Number(third.headers['retry-after']) > 0);
  assert.match(third.json().error.message, /in use/);
  full.open();
  assert.equal((await first).status, 200);
  assert.equal((await second).status, 200);
  const kept = await put(tpool, { provider: 'alpha', model: 'model-one', limit: 7, persist: true });
  assert.equal(kept.json().persisted, true, kept.text);
  assert.match(fs.readFileSync(tpool.store_file, 'utf8'), /limits.*concurrency = 7/s);
  assert.equal((await row_of(tpool)).limit, 7);
});

const ranked = latch();
worlds('what a request says of its priority decides who goes first, and is passed on as it came', alpha(ranked.holds, { key_toml: 'limits = { concurrency = 1 }' }), async (tpool, { alpha }) => {
  const in_the_background = { 'x-openai-subagent': 'memory_consolidation' };
  const asks = [
    ['background', {}, in_the_background],
    ['flex', { service_tier: 'flex' }],
    ['a word of its own', { metadata: { priority: 'whenever' } }],
    ['default', { service_tier: 'default' }],
    ['tier', { service_tier: 'priority' }],
    ['metadata', { metadata: { priority: 'high' }, service_tier: 'flex' }],
    ['header', { metadata: { priority: 'low' } }, { 'x-tpool-priority': 'high' }],
    ['raised', {}, { ...in_the_background, 'x-tpool-priority': 'normal' }],
  ];
  const replies = [post(tpool, 'holder')];
  await alpha.arrived(1);
  for (const [input, more, headers = {}] of asks) {
    replies.push(tpool.request('POST', '/v1/responses', { body: ask(input, more), headers, limit_ms: 60_000 }));
    await in_line(tpool, replies.length - 1);
  }
  ranked.open();
  const ended = await Promise.all(replies);
  for (const reply of ended) assert.equal(reply.status, 200, reply.text);
  const order = alpha.requests.map((r) => r.body.input);
  assert.deepEqual(order, ['holder', 'tier', 'metadata', 'header', 'a word of its own', 'default', 'raised', 'background', 'flex']);
  for (const [input, more] of asks) {
    const sent = alpha.requests.find((r) => r.body.input === input).body;
    assert.equal(sent.service_tier, more.service_tier);
    assert.deepEqual(sent.metadata, more.metadata);
  }
  const records = await tpool.records();
  const plans = ended.slice(1).map((reply) => records.find((r) => r.id === reply.headers['x-tpool-request-id']).plan);
  assert.deepEqual(plans.map((p) => `${p.priority} by ${p.priority_by}`), ['low by class', 'low by service_tier', 'normal by class',
    'normal by class', 'high by service_tier', 'high by metadata.priority', 'high by x-tpool-priority', 'normal by x-tpool-priority']);
  const explained = JSON.parse((await tpool.must(['route', 'explain', 'alpha/model-one', '--class', 'background', '--priority', 'high', '--json'])).out);
  assert.deepEqual([explained.class, explained.priority, explained.priority_by], ['background', 'high', 'x-tpool-priority']);
});

// Alpha is full until the test lets go; beta takes one at a time, and may be asked in alpha's place.
const full_and_resting = (hold, beta) => ({ settings: 'strategy = "priority"', providers: {
  alpha: { toml: 'failover = ["beta/model-one"]', key_toml: 'limits = { concurrency = 1 }', turns: hold.holds },
  beta: { models: ['model-one'], key_toml: 'limits = { concurrency = 1 }', turns: beta } } });

const storm = latch();
// Everybody stands in line before beta may be asked again.
const rest_ms = 2000 + 700 * slow;
worlds('who waits for a slot goes to another candidate as soon as that is ready, first come first served',
  full_and_resting(storm, (_, index) => (index === 0 ? fail(429, { error: { message: 'slow down' } }, { 'retry-after-ms': String(rest_ms) }) : answer(say('from beta')))),
  async (tpool, { alpha, beta }) => {
    const holder = post(tpool, 'holder');
    await alpha.arrived(1);
    const waiting = [];
    for (const name of ['first', 'second', 'third']) {
      waiting.push(post(tpool, name));
      await in_line(tpool, waiting.length);
    }
    for (const reply of await Promise.all(waiting)) assert.equal(read_stream(reply.text).text, 'from beta', reply.text);
    assert.deepEqual(beta.requests.map((r) => r.body.input), ['first', 'first', 'second', 'third']);
    assert.ok(most_at_once(beta.requests, beta.keys[0]) <= 1);
    assert.ok(beta.requests[1].at - beta.requests[0].at >= rest_ms - 10, 'the hint is kept');
    storm.open();
    assert.equal(read_stream((await holder).text).text, 'from alpha');
    assert.equal(alpha.requests.length, 1);
    const row = await row_of(tpool);
    assert.deepEqual([row.in_use, row.pending, row.queued_total, row.timeouts_total], [0, 0, 3, 0]);
  });

const dead = latch();
worlds('a full candidate is waited for rather than one whose breaker is open', full_and_resting(dead, () => fail(500, { error: { message: 'down' } })),
  async (tpool, { alpha, beta }) => {
    for (let i = 0; i < 3; i++) await tpool.request('POST', '/v1/responses', { body: ask('hi', { model: 'beta/model-one' }) });
    const broken = beta.requests.length;
    assert.ok(broken >= 3);
    const holder = post(tpool, 'holder');
    await alpha.arrived(1);
    const next = post(tpool, 'next');
    await in_line(tpool, 1);
    dead.open();
    for (const reply of await Promise.all([holder, next])) assert.equal(read_stream(reply.text).text, 'from alpha', reply.text);
    assert.equal(beta.requests.length, broken, 'the open breaker is left alone');
  });

for (const gone of ['key-1', 'alpha']) {
  const running = latch();
  const turns = async () => ({ ...(await running.holds()), before_headers_ms: 50 });
  worlds(`a cap stands for those who wait when the store does not name ${gone} any more`, alpha(turns, { key_toml: 'limits = { concurrency = 1 }' }), async (tpool, { alpha }) => {
    const replies = [];
    for (let i = 0; i < 5; i++) replies.push(post(tpool, `number ${i}`));
    await alpha.arrived(1);
    await in_line(tpool, 4);
    fs.writeFileSync(tpool.store_file, fs.readFileSync(tpool.store_file, 'utf8').replace(`id = "${gone}"`, 'id = "another"'));
    await tpool.reload();
    running.open();
    for (const reply of await Promise.all(replies)) assert.equal(read_stream(reply.text).text, 'from alpha', reply.text);
    assert.equal(most_at_once(alpha.requests, alpha.keys[0]), 1);
  });
}

// A key is refused for a moment one time in six, as often as its requests come; whoever is refused says when to come back.
const stormy = (name) => (_, index) => (index % 6 === 5 ? fail(429, { error: { message: 'slow down' } }, { 'retry-after-ms': String(150 * slow) })
  : { ...answer(say(`from ${name}`)), before_headers_ms: 15 });

worlds('in a storm over tight caps all are served about in their order, and nothing is left behind', { settings: 'strategy = "priority"', providers: {
  alpha: { toml: 'failover = ["beta/model-one"]', key_toml: 'limits = { concurrency = 2 }', turns: stormy('alpha') },
  beta: { models: ['model-one'], key_toml: 'limits = { concurrency = 2 }', turns: stormy('beta') } } }, async (tpool, { alpha, beta }) => {
  const replies = [];
  for (let i = 0; i < 60; i++) {
    replies.push(post(tpool, `number ${i}`));
    await sleep(4);
  }
  const ended = await Promise.all(replies.map((reply) => reply.then((r) => [r, Date.now()])));
  const unserved = ended.filter(([reply]) => !/^from /.test(read_stream(reply.text).text ?? ''));
  assert.deepEqual(unserved.map(([reply]) => reply.text), []);
  for (const fake of [alpha, beta]) assert.ok(most_at_once(fake.requests, fake.keys[0], 30) <= 2);
  const row = await row_of(tpool);
  assert.deepEqual([row.in_use, row.pending, row.timeouts_total], [0, 0, 0]);
});

worlds('what a PUT can get wrong is said in order: 400, 404, 422', alpha([], {}), async (tpool) => {
  const wants = { provider: 'alpha', model: 'model-one', limit: 3 };
  for (const [body, says] of [['{', /./], ['[]', /object/], [{}, /missing/], [{ ...wants, limit: true }, /integer/],
    [{ ...wants, limit: 1.5 }, /integer/], [{ ...wants, limit: '3' }, /integer/], [{ ...wants, limit: 0 }, /1\.\.1024/],
    [{ ...wants, limit: 1025 }, /1\.\.1024/], [{ ...wants, provider: 7 }, /string/], [{ ...wants, provider: 'x', limit: 0 }, /1\.\.1024/]]) {
    const refused = await put(tpool, body);
    assert.equal(refused.status, 400, `${JSON.stringify(body)}: ${refused.text}`);
    assert.match(refused.json().error.message, says);
  }
  for (const body of [{ ...wants, provider: 'alpa' }, { ...wants, model: 'model-two' }, { ...wants, key: 'nobody' }])
    assert.equal((await put(tpool, body)).status, 404);
  const monitored = await put(tpool, wants);
  assert.equal(monitored.status, 422);
  assert.match(monitored.json().error.hint, /--persist/);
  const row = await row_of(tpool);
  assert.equal(row.mode, 'monitor');
  assert.equal(row.limit, null);
  const refused = await tpool.request('PUT', '/api/concurrency', { body: wants });
  assert.ok([401, 403].includes(refused.status), 'a token that may only generate');
});

worlds('tpool limit lists and sets, and requests per minute are paced', alpha(() => answer(say('ok')), { toml: 'limits = { concurrency = 2, rpm = 60 }' }), async (tpool, { alpha }) => {
  const set = await tpool.must(['limit', 'set', 'alpha/model-one', '5']);
  assert.match(set.err, /may run 5 at once for each key, 5 in all, until serve ends; before it was 2 in all/);
  const listed = JSON.parse((await tpool.must(['limit', 'list', '--json'])).out);
  assert.equal(listed.providers.alpha.models['model-one'].limit, 5);
  await tpool.must(['limit', 'set', 'alpha', '3', '--persist']);
  await tpool.reload();
  assert.equal((await row_of(tpool)).limit, 3);
  assert.match((await tpool.must(['limit'])).out, /alpha +model-one +limited/);
  // Ten seconds' worth may come at once; what is beyond waits its turn.
  const from = Date.now();
  const replies = await Promise.all(Array.from({ length: 13 }, (_, i) => post(tpool, `n ${i}`)));
  for (const reply of replies) assert.equal(reply.status, 200, reply.text);
  assert.ok(Date.now() - from >= 2500, `all went within ${Date.now() - from} ms`);
  assert.equal((await row_of(tpool)).requests_1m, 13);
});
