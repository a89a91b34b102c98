// The numbers of [routing]: what the store says is what requests meet, from the next one on, and a reload forgets
// nothing that was learned.

import assert from 'node:assert/strict';
import { answer, fail, say } from './turn.mjs';
import { is_final_error, parse_sse, read_stream } from './responses_client.mjs';
import { slow } from './tpool.mjs';
import { ask, world } from './world.mjs';

const error = { error: { message: 'down', code: 'server_error' } };
const post = (tpool, more) => tpool.request('POST', '/v1/responses', { body: ask('hi', more), limit_ms: 30_000 });
const routing = (lines) => `strategy = "priority"\n[routing]\n${lines.join('\n')}`;
const keys = (count) => Array.from({ length: count }, (_, i) => `sk-number-${i}-0123456789`);

const taken_up = async (tpool, args) => {
  await tpool.must(args);
  await tpool.reload();
};

world('routing.attempts is how often a request is tried, and another number counts from the next request on', {
  settings: routing(['attempts = 1']), providers: { alpha: { keys: keys(4), turns: () => fail(500, error) } },
}, async (tpool, { alpha }) => {
  is_final_error(await post(tpool));
  assert.equal(alpha.requests.length, 1);
  await taken_up(tpool, ['config', 'set', 'routing.attempts', '3']);
  is_final_error(await post(tpool));
  assert.equal(alpha.requests.length, 4);
  assert.equal((await tpool.must(['config', 'get', 'routing.attempts'])).out, '3\n');
});

world('a shorter rest after a 429 is rested, and a reload lifts none that was learned', {
  settings: routing(['cool_down = "1h"', 'longest_cool_down = "1h"', 'strikes_forgotten = "2h"']),
  providers: { alpha: { keys: keys(2), turns: (request) => (request.key === keys(2)[0] ? fail(429, error) : answer(say('second'))) } },
}, async (tpool, { alpha }) => {
  assert.equal(read_stream((await post(tpool)).text).text, 'second');
  assert.equal(alpha.requests.length, 2);
  await taken_up(tpool, ['config', 'set', 'routing.heartbeat', '10s']);
  assert.equal(read_stream((await post(tpool)).text).text, 'second');
  assert.equal(alpha.requests.length, 3, 'the key that rests was left alone');
  const rejected = JSON.parse((await tpool.must(['route', 'explain', 'alpha/model-one', '--json'])).out).rejected;
  assert.deepEqual(rejected.map((one) => [one.key, one.gate]), [['key-1', 'cooldown']]);
});

world('a stream is opened and kept alive as often as the store says', {
  settings: routing(['header_wait = "100ms"', 'heartbeat = "100ms"']),
  providers: { alpha: { turns: () => ({ ...answer(say('at last')), before_headers_ms: 700 * slow }) } },
}, async (tpool) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi') });
  assert.equal(read_stream(reply.text).text, 'at last', reply.text);
  const beats = parse_sse(reply.text).filter((e) => e.event === 'keepalive').length;
  assert.ok(beats >= 2, `${beats} signs of life`);
});

let let_go;
const held = new Promise((resolve) => { let_go = resolve; });
world('what a queue holds is the store\'s number where a provider says none', {
  settings: routing(['queue = 0']),
  providers: { alpha: { toml: 'limits = { concurrency = 1 }', turns: async () => { await held; return answer(say('done')); } } },
}, async (tpool, { alpha }) => {
  const first = post(tpool);
  await alpha.arrived(1);
  assert.match((await post(tpool)).text, /too many wait already/);
  let_go();
  assert.equal(read_stream((await first).text).text, 'done');
});

world('a store with a number out of its range is refused, and the last good one serves on', {
  settings: routing(['attempts = 2']), providers: { alpha: { keys: keys(3), turns: () => fail(500, error) } },
}, async (tpool, { alpha }) => {
  const refused = await tpool.cli(['config', 'set', 'routing.attempts', '0']);
  assert.notEqual(refused.code, 0);
  assert.match(refused.err, /routing: attempts must be 1 to 32, not 0/);
  is_final_error(await post(tpool));
  assert.equal(alpha.requests.length, 2);
});
