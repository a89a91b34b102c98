// What may be spent in a day, through a real serve: counted, kept, and told when it is over.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { read_stream as read_chat_stream } from './chat_client.mjs';
import { RawClient } from './raw.mjs';
import { is_final_error, read_stream } from './responses_client.mjs';
import { slow, token } from './tpool.mjs';
import { answer, fail, say } from './turn.mjs';
import { sleep } from './wire.mjs';
import { ask, world } from './world.mjs';

// A turn costs 100 x $1 + 10 x $10 per million: $0.0002.
const priced = 'cost = { input = 1.0, output = 10.0 }';
const turn_usd = 0.0002;
const said = () => answer(say('hello'));
const budget = (scope, usd, more = '') => `\n[[budget]]\nscope = "${scope}"\nusd_per_day = ${usd}\n${more}\n`;
const named = (scope, name, usd, more = '') => budget(scope, usd, `name = "${name}"\n${more}`);
const near = (one, other) => assert.ok(Math.abs(one - other) < 1e-9, `${one} is not ${other}`);

const post = (tpool, model = 'alpha/model-one', more = {}) =>
  tpool.request('POST', '/v1/responses', { body: ask('hi', { model, ...more }), limit_ms: 30_000 });
const rows = async (tpool) => JSON.parse((await tpool.must(['budget', 'list', '--json'])).out);
const spending_file = (tpool) => path.join(tpool.home, 'state/spending.json');
const record_of = async (tpool, reply) => (await tpool.records()).find((r) => r.id === reply.headers['x-tpool-request-id']);
const until = async (what, holds) => {
  for (const end = Date.now() + 10_000 * slow; ;) {
    const seen = await holds();
    if (seen) return seen;
    assert.ok(Date.now() < end, `waited in vain for ${what}`);
    await sleep(20);
  }
};
const alpha = (more = {}) => ({ alpha: { turns: said, dialect: 'responses', model_toml: priced, ...more } });

// How each protocol asks, streamed and whole, and where its errors hold the words.
const clients = {
  responses: { path: '/v1/responses', body: { input: 'hi' }, status: 400, code: (e) => e.error.code === 'invalid_prompt' },
  chat: { path: '/v1/chat/completions', body: { messages: [{ role: 'user', content: 'hi' }] }, status: 429,
    code: (e) => e.error.code === 'insufficient_quota' },
  messages: { path: '/v1/messages', body: { max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] }, status: 402,
    code: (e) => e.type === 'error' && e.error.type === 'billing_error' },
};

world('a spent budget ends what is under it, in words each client understands', { providers: alpha(), settings: budget('total', 1.5 * turn_usd) },
  async (tpool, { alpha }) => {
    for (let i = 0; i < 2; i++) assert.equal(read_stream((await post(tpool)).text).end, 'completed');
    const sent = alpha.requests.length;
    for (const [name, client] of Object.entries(clients))
      for (const stream of [true, false]) {
        const reply = await tpool.request('POST', client.path, { body: { model: 'alpha/model-one', stream, ...client.body } });
        assert.equal(reply.status, client.status, `${name}: ${reply.text}`);
        const error = reply.json();
        assert.ok(client.code(error), reply.text);
        assert.match(error.error.message, /^the budget total is spent, \$0\.0004 of \$0\.0003 today: it begins anew at \d{4}-\d\d-\d\d /);
        assert.match(error.error.message, /tpool budget set total --usd-per-day N gives it more\./);
        const record = await record_of(tpool, reply);
        assert.deepEqual(record.plan.rejected.map((r) => r.gate), ['budget']);
        assert.equal(record.attempts.length, 0);
      }
    assert.match(is_final_error(await post(tpool)) ?? '', /budget total/);
    assert.equal(alpha.requests.length, sent, 'nothing is sent any more');
    const explained = await tpool.must(['route', 'explain', 'alpha/model-one']);
    assert.match(explained.out, /budget: the budget total is spent,/);
    const [row] = await rows(tpool);
    near(row.spent_usd, 2 * turn_usd);
    assert.deepEqual([row.is_spent, row.on_exceed, row.unpriced, row.name], [true, 'block', 0, null]);
    assert.ok(Date.parse(row.resets_at) > Date.now());
    assert.deepEqual((await tpool.request('GET', '/api/budgets')).status, 403, 'a generate token may not');
    // A raised one counts at once.
    const raised = await tpool.must(['budget', 'set', 'total', '--usd-per-day', '5']);
    assert.match(raised.err, /changed budget total/);
    await until('the raised budget', async () => (await rows(tpool))[0].usd_per_day === 5);
    assert.equal(read_stream((await post(tpool)).text).end, 'completed');
  });

world('what costs nothing is not under a budget, and counting tokens is that', { providers: { alpha: { turns: said, dialect: 'messages', model_toml: priced } }, settings: budget('total', 0.5 * turn_usd) },
  async (tpool) => {
    const body = { model: 'alpha/model-one', messages: [{ role: 'user', content: 'hi' }] };
    const headers = { 'anthropic-version': '2023-06-01' };
    const message = () => tpool.request('POST', '/v1/messages', { body: { max_tokens: 50, ...body }, headers });
    assert.equal((await message()).status, 200);
    assert.equal((await message()).status, 402);
    const count = await tpool.request('POST', '/v1/messages/count_tokens', { body, headers });
    assert.equal(count.status, 200, count.text);
    near((await rows(tpool))[0].spent_usd, turn_usd);
  });

const shared = '\n[[model]]\nid = "model-one"\n';
const two = () => ({
  dear: { turns: said, dialect: 'responses', model_toml: 'cost = { input = 10.0, output = 10.0 }' },
  cheap: { turns: said, dialect: 'chat', model_toml: priced },
  odd: { turns: said, dialect: 'responses' },
});

world('a provider whose budget is spent is passed over, and a client is known by its token',
  { providers: two(), settings: `strategy = "priority"\n${shared}${named('provider', 'dear', 0.001)}${named('client', 'tests', 0.0012)}${named('client', 'else', 0.0001)}` },
  async (tpool, { dear, cheap, odd }) => {
    assert.equal((await post(tpool, 'model-one')).headers['x-tpool-route'], 'dear/key-1/model-one; relay');
    assert.equal((await post(tpool, 'model-one')).headers['x-tpool-route'], 'odd/key-1/model-one; relay');
    assert.match(is_final_error(await post(tpool, 'dear/model-one')) ?? '', /budget provider dear .*\$0\.0011 of \$0\.001 /);
    assert.equal((await post(tpool, 'cheap/model-one')).status, 200);
    assert.match(is_final_error(await post(tpool, 'cheap/model-one')) ?? '', /budget client tests /);
    assert.deepEqual([dear, cheap, odd].map((p) => p.requests.length), [1, 1, 1]);
    const [, tests, other] = await rows(tpool);
    near(tests.spent_usd, 0.0011 + turn_usd);
    // The one without a price served, and nobody knows for how much.
    assert.equal(tests.unpriced, 1);
    assert.deepEqual([other.spent_usd, other.unpriced], [0, 0]);
  });

world('cheapest lets the cheapest run on, whichever goes first otherwise',
  { providers: two(), settings: `strategy = "priority"\n${shared}${budget('total', 0.001, 'on_exceed = "cheapest"')}` },
  async (tpool, { dear, cheap, odd }) => {
    assert.equal((await post(tpool, 'model-one')).headers['x-tpool-route'], 'dear/key-1/model-one; relay');
    for (let i = 0; i < 3; i++) {
      const reply = await post(tpool, 'model-one');
      assert.equal(reply.headers['x-tpool-route'], 'cheap/key-1/model-one; translate');
      const record = await record_of(tpool, reply);
      assert.deepEqual(record.plan.rejected.map((r) => [r.provider, r.gate]), [['dear', 'budget'], ['odd', 'budget']]);
    }
    // The last candidate with a price runs; one without never is the cheapest.
    assert.equal((await post(tpool, 'dear/model-one')).status, 200);
    assert.match(is_final_error(await post(tpool, 'odd/model-one')) ?? '', /only the cheapest may run, and the price of this one is not known/);
    assert.deepEqual([dear, cheap, odd].map((p) => p.requests.length), [2, 3, 0]);
  });

const failed_with_usage = () => {
  const event = (type, response) => `event: ${type}\ndata: ${JSON.stringify({ type, response: { id: 'r', object: 'response', ...response } })}\n\n`;
  return { raw: ['HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n',
    event('response.created', { status: 'in_progress' }),
    event('response.failed', { status: 'failed', error: { code: 'server_error', message: 'it broke' }, usage: { input_tokens: 100, output_tokens: 10, total_tokens: 110 } }), 'cut'] };
};

const failed_whole = () => {
  const body = JSON.stringify({ id: 'r', object: 'response', status: 'failed', output: [], error: { code: 'server_error', message: 'it broke' },
    usage: { input_tokens: 100, output_tokens: 10, total_tokens: 110 } });
  return { raw: [`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`, body, 'cut'] };
};

world('an attempt that failed counts where its usage was reported, and a refused one not at all', {
  providers: { alpha: { turns: failed_with_usage, dialect: 'responses', model_toml: priced }, beta: { turns: () => fail(429), dialect: 'responses', model_toml: priced },
    gamma: { turns: said, dialect: 'responses', model_toml: priced } },
  settings: `strategy = "priority"\n${shared}${named('provider', 'alpha', 1)}${named('provider', 'beta', 1)}${budget('total', 1)}`,
}, async (tpool) => {
  const reply = await post(tpool, 'model-one');
  assert.equal(reply.headers['x-tpool-route'], 'gamma/key-1/model-one; relay', reply.text);
  assert.equal(reply.headers['x-tpool-attempts'], '3');
  const [alpha, beta, total] = await rows(tpool);
  near(alpha.spent_usd, turn_usd);
  assert.deepEqual([beta.spent_usd, beta.unpriced, total.unpriced], [0, 0, 0]);
  near(total.spent_usd, 2 * turn_usd);
});

for (const [client, stream] of [['responses', false], ['responses', true], ['chat', false], ['messages', false]])
  world(`a whole answer that says it failed counts where its usage was reported (${client}${stream ? ', streamed' : ''})`, {
    providers: { alpha: { turns: () => failed_whole(), dialect: 'responses', model_toml: priced } }, settings: budget('total', 1),
  }, async (tpool, { alpha }) => {
    const { path, body } = clients[client];
    const reply = await tpool.request('POST', path, { body: { model: 'alpha/model-one', stream, ...body }, limit_ms: 30_000 });
    assert.match(reply.text, /it broke/);
    const [row] = await rows(tpool);
    assert.ok(alpha.requests.length > 0);
    near(row.spent_usd, alpha.requests.length * turn_usd);
    assert.equal(row.unpriced, 0);
  });

for (const [dialect, spent_usd, unpriced] of [['messages', 0.0001, 0], ['responses', 0, 1]])
  world(`of a stream that breaks off what was reported by then counts (${dialect}, translated)`, {
    providers: { alpha: { turns: () => ({ ...answer(say('Half a sentence, and then some more words that never come')), stop_after: 7, then: 'cut' }),
      dialect, model_toml: priced } }, settings: budget('total', 1),
  }, async (tpool) => {
    const body = { model: 'alpha/model-one', messages: [{ role: 'user', content: 'hi' }], stream: true };
    const reply = await tpool.request('POST', '/v1/chat/completions', { body });
    assert.match(reply.text, /"error"/);
    const [row] = await rows(tpool);
    assert.ok(row.spent_usd >= spent_usd && row.spent_usd < spent_usd + 0.0001, String(row.spent_usd));
    assert.equal(row.unpriced, unpriced);
    const { outcome, cost_usd } = await record_of(tpool, reply);
    assert.deepEqual([outcome, cost_usd ?? 0], ['cut', row.spent_usd], 'the record says the same');
  });

world('a client that leaves before anything was sent costs nothing', { providers: alpha(), settings: budget('total', 1) }, async (tpool, { alpha }) => {
  // Where a TLS handshake is waited for, and never answered.
  const silent = net.createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  try {
    await once(silent, 'listening');
    const text = fs.readFileSync(tpool.store_file, 'utf8');
    fs.writeFileSync(tpool.store_file, text.replace(alpha.base_url, `https://127.0.0.1:${silent.address().port}/v1`));
    await tpool.reload();
    const connected = once(silent, 'connection');
    const client = await RawClient.open(tpool.port);
    const bytes = JSON.stringify(ask('hi'));
    await client.send(`POST /v1/responses HTTP/1.1\r\nhost: 127.0.0.1:${tpool.port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n${bytes}`);
    await connected;
    client.reset();
    const [record] = await until('the record', async () => { const seen = await tpool.records(); return seen.length > 0 && seen; });
    assert.equal(record.outcome, 'cancelled');
    assert.deepEqual((await rows(tpool)).map((r) => [r.spent_usd, r.unpriced]), [[0, 0]]);
  } finally {
    silent.close();
  }
});

for (const [how, signal] of [['a stop', 'SIGTERM'], ['kill -9', 'SIGKILL']])
  world(`what was spent is known again after ${how}, and forgotten the next day`, { providers: alpha(), settings: named('model', 'alpha/model-one', turn_usd), ends: true },
    async (tpool, { alpha }) => {
      assert.equal((await post(tpool)).status, 200);
      if (signal === 'SIGKILL') await until('the file', () => fs.existsSync(spending_file(tpool)));
      const gone = once(tpool.server, 'exit');
      tpool.server.kill(signal);
      await gone;
      assert.equal(fs.statSync(spending_file(tpool)).mode & 0o777, 0o600);
      near((await rows(tpool))[0].spent_usd, turn_usd);
      await tpool.serve();
      assert.match(is_final_error(await post(tpool)) ?? '', /budget model alpha\/model-one/);
      assert.equal(alpha.requests.length, 1);
      const again = once(tpool.server, 'exit');
      tpool.server.kill('SIGKILL');
      await again;
      // The file of yesterday.
      const kept = JSON.parse(fs.readFileSync(spending_file(tpool)));
      kept.begins_ms -= 86_400_000 * 2;
      kept.ends_ms -= 86_400_000 * 2;
      fs.writeFileSync(spending_file(tpool), JSON.stringify(kept));
      assert.equal((await rows(tpool))[0].spent_usd, 0);
      await tpool.serve();
      assert.equal((await post(tpool)).status, 200);
      near((await rows(tpool))[0].spent_usd, turn_usd);
    });

world('a budget spent while a request waits in line stops it before it is sent', {
  providers: { alpha: { turns: () => ({ ...said(), before_headers_ms: 100 }), dialect: 'responses', model_toml: priced, toml: 'limits = { concurrency = 1 }' } },
  settings: budget('total', 0.5 * turn_usd),
}, async (tpool, { alpha }) => {
  const replies = await Promise.all([post(tpool), post(tpool), post(tpool)]);
  assert.deepEqual(replies.map((r) => r.status).sort(), [200, 400, 400]);
  assert.equal(alpha.requests.length, 1);
});

world('a stream that asks for no usage is counted as unpriced', { providers: { alpha: { turns: said, dialect: 'chat', model_toml: priced } }, settings: budget('total', 1) },
  async (tpool) => {
    const body = { model: 'alpha/model-one', messages: [{ role: 'user', content: 'hi' }], stream: true };
    const silent = await tpool.request('POST', '/v1/chat/completions', { body });
    assert.equal(read_chat_stream(silent.text).text, 'hello');
    assert.deepEqual((await rows(tpool)).map((r) => [r.spent_usd, r.unpriced]), [[0, 1]]);
    await tpool.request('POST', '/v1/chat/completions', { body: { ...body, stream_options: { include_usage: true } } });
    const [row] = await rows(tpool);
    near(row.spent_usd, turn_usd);
    assert.equal(row.unpriced, 1);
  });

world('budget list asks the serve of the same store, and tells of any other store by itself', { providers: alpha(), settings: budget('total', 1) },
  async (tpool) => {
    const other = path.join(path.dirname(tpool.store_file), 'other.toml');
    fs.writeFileSync(other, `version = 1${budget('total', 3)}`, { mode: 0o600 });
    const there = await tpool.must(['--config', other, 'budget', 'list', '--json']);
    assert.deepEqual(JSON.parse(there.out).map((r) => r.usd_per_day), [3]);
    assert.match((await tpool.must(['--config', other, 'budget', 'list'])).err, /runs with another store/);
    const here = await tpool.must(['budget', 'list']);
    assert.match(here.out, /\$1\.00/);
    assert.equal(here.err, '');
  });
