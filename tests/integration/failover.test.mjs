// Failures before the first content: a wait, the truth in a form Codex shows, who else may serve. What providers do
// wrong, and what each client then sees, is in misbehaviour.test.mjs.

import assert from 'node:assert/strict';
import { answer, fail, say } from './turn.mjs';
import { is_final_error, read_stream } from './responses_client.mjs';
import { slow } from './tpool.mjs';
import { ask, world } from './world.mjs';

const keys = ['sk-first-0123456789', 'sk-second-0123456789'];
const two_keys = (turns, more = {}) => ({ providers: { alpha: { keys, turns, ...more } } });
const by_key = (first, second = answer(say('from the second key'))) => (request) => (request.key === keys[0] ? first : second);
const post = (tpool, more) => tpool.request('POST', '/v1/responses', { body: ask('hi', more), limit_ms: 30_000 });

const error = (message, code) => ({ error: { message, code } });

world('Retry-After of the only key is waited for', { providers: { alpha: { turns: [fail(429, error('slow'), { 'retry-after': '2' }), answer(say('later'))] } } },
  async (tpool, { alpha }) => {
    const reply = await post(tpool);
    assert.equal(read_stream(reply.text).text, 'later', reply.text);
    assert.ok(alpha.requests[1].at - alpha.requests[0].at >= 1950, `${alpha.requests[1].at - alpha.requests[0].at} ms`);
  });

world('an hour of Retry-After is told, not waited for', { providers: { alpha: { turns: () => fail(429, error('slow'), { 'retry-after': '3600' }) } } },
  async (tpool, { alpha }) => {
    const from = Date.now();
    const message = is_final_error(await post(tpool));
    assert.match(message, /alpha/);
    const an_hour = /hour|60 ?min|59 ?min|3600|3599|\d\d:\d\d/;
    assert.match(message, an_hour, 'the time to come back is named');
    assert.ok(Date.now() - from < 10_000 * slow);
    assert.match(is_final_error(await post(tpool)), an_hour, 'and the same to the next');
    assert.equal(alpha.requests.length, 1, 'the cooling key is left alone');
  });

world('another provider is not used unless failover lets it', { providers: {
  alpha: { turns: () => fail(500, error('down')) }, beta: { models: ['model-one'], turns: () => answer(say('from beta')) } } }, async (tpool, { beta }) => {
  is_final_error(await post(tpool));
  assert.equal(beta.requests.length, 0);
});

world('a prompt too long for one goes to a larger window at once, not to others of the same', { settings: 'strategy = "priority"\n', providers: {
  alpha: { keys, turns: () => fail(400, error('maximum context length', 'context_length_exceeded')), toml: 'failover = "same-model"', model_toml: 'context = 100_000' },
  beta: { turns: () => answer(say('from beta')), model_toml: 'context = 100_000' },
  gamma: { turns: () => answer(say('from gamma')), model_toml: 'context = 200_000' } } }, async (tpool, { alpha, beta }) => {
  const reply = await post(tpool);
  assert.equal(read_stream(reply.text).text, 'from gamma', reply.text);
  assert.deepEqual([alpha.requests.length, beta.requests.length], [1, 0]);
});

world('five days of Retry-After are told as five days', { providers: { alpha: { turns: () => fail(429, error('slow'), { 'retry-after': '432000' }) } } },
  async (tpool) => {
    assert.match(is_final_error(await post(tpool)), /slow\. It can be used again in 5 days/);
    const { until } = JSON.parse((await tpool.must(['status', '--json'])).out).providers[0].keys[0];
    assert.ok(Math.abs(Date.parse(until) - Date.now() - 432_000_000) < 60_000 * slow, until);
  });

world('one bad of two keys loses none of a thousand requests', two_keys(by_key({ raw: ['reset'] })), async (tpool) => {
  for (let i = 0; i < 20; i++)
    for (const reply of await Promise.all(Array.from({ length: 50 }, () => post(tpool))))
      assert.equal(read_stream(reply.text).text, 'from the second key', reply.text);
});

world('what the echo provider serves has the losses of no attempt before it', { providers: { alpha: {
  dialect: 'chat', turns: () => fail(500, error('down')), toml: 'failover = ["echo/echo-1"]',
  model_toml: '\n[[provider]]\nid = "echo"\nprotocol = "echo"\nmodels = ["echo-1"]\n' } } }, async (tpool, { alpha }) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi', { tools: [{ type: 'web_search' }] }) });
  assert.equal(reply.status, 200, reply.text);
  assert.match(reply.headers['x-tpool-route'], /^echo\//);
  assert.ok(alpha.requests.length > 0);
  assert.equal(reply.headers['x-tpool-loss'], undefined);
  assert.deepEqual((await tpool.records()).at(-1).losses, []);
});
