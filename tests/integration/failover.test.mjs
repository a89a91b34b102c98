// Failures before the first content: another key, a wait, or the truth in a form Codex shows.

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
const moves_on = {
  'a rate limit': fail(429, error('slow down')),
  'a rate limit with a hint': fail(429, error('slow down'), { 'retry-after': '3600' }),
  'an exhausted quota': fail(429, error('You exceeded your current quota', 'insufficient_quota')),
  'payment required': fail(402, error('Insufficient Balance')),
  'a wrong key': fail(401, error('Incorrect API key provided')),
  'a forbidden key': fail(403, error('no access')),
  'a server error': fail(500, error('internal')),
  'an overload': fail(529, error('overloaded')),
  'a bad gateway in HTML': fail(502, '<html><body>Bad Gateway</body></html>', { 'content-type': 'text/html' }),
  'a timeout status': fail(408, error('timeout')),
  'no content': fail(204, ''),
  'an empty 200': { status: 200, body: '' },
  'null in a 200': { status: 200, body: 'null' },
  'an error in a 200': { status: 200, body: error('it is all wrong', 'server_error') },
  'an HTML page in a 200': { status: 200, body: '<html>login</html>', headers: { 'content-type': 'text/html' } },
  'a redirect': fail(302, '', { location: 'http://127.0.0.1:1/steal' }),
  'a connection that is closed at once': { raw: ['cut'] },
  'a connection that is reset at once': { raw: ['reset'] },
  'garbage instead of HTTP': { raw: ['\u0000\u0001garbage, not HTTP at all\r\n\r\n', 'cut'] },
  'a stream that is empty': { raw: ['HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n', 'cut'] },
  'both lengths at once': { raw: ['HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 'cut'] },
  'a bad chunk size': { raw: ['HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n', 'cut'] },
};
const fails_inside = {
  responses: { 'a stream that opens with an error': { steps: [], stop_after: 2, then: { event: { event: 'response.failed', data: JSON.stringify({ type: 'response.failed', response: { id: 'r', status: 'failed', error: { code: 'server_error', message: 'broken' } } }) } } },
    'a stream cut before content': { steps: [{ text: 'x' }], stop_after: 2, then: 'reset' } },
  chat: { 'a stream that opens with an error': { raw: ['HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\ndata: {"error":{"message":"broken","code":500}}\n\n', 'cut'] },
    'a stream cut before content': { steps: [{ text: 'x' }], stop_after: 1, then: 'reset' } },
};

for (const dialect of ['responses', 'chat']) {
  for (const [name, turn] of Object.entries({ ...moves_on, ...fails_inside[dialect] })) {
    world(`${name} moves the request to another key (${dialect})`, two_keys(by_key(turn), { dialect }), async (tpool, { alpha }) => {
      const reply = await post(tpool);
      assert.equal(reply.status, 200, reply.text);
      const said = read_stream(reply.text);
      assert.equal(said.text, 'from the second key');
      assert.equal(said.end, 'completed');
      assert.ok(alpha.requests.length <= 3, `${alpha.requests.length} requests`);
      assert.equal(reply.headers['x-tpool-attempts'], String(alpha.requests.length));
    });
  }

  for (const [name, turn] of Object.entries(moves_on).filter(([n]) => !/hint/.test(n))) {
    world(`${name} everywhere is told once, in words, without a key (${dialect})`, two_keys(() => turn, { dialect }), async (tpool, { alpha }) => {
      const from = Date.now();
      const reply = await post(tpool);
      if (reply.status === 200) {
        const said = read_stream(reply.text);
        assert.equal(said.end, 'failed');
        assert.match(said.error.message, /alpha/);
      } else if (reply.status === 429 || reply.status === 503) {
        assert.ok(Number(reply.headers['retry-after']) > 0, 'a status Codex repeats needs its hint');
        assert.match(reply.json().error.message, /alpha/);
      } else {
        assert.match(is_final_error(reply), /alpha/, 'the provider is named');
      }
      assert.doesNotMatch(reply.text, /sk-first|sk-second/);
      assert.ok(alpha.requests.length <= 4, `${alpha.requests.length} requests`);
      assert.ok(Date.now() - from < 25_000 * slow);
    });
  }

  world(`a request the provider refuses is told in its words and sent once (${dialect})`,
    two_keys(() => fail(400, error('Invalid value: foo', 'invalid_value')), { dialect }), async (tpool, { alpha }) => {
      assert.match(is_final_error(await post(tpool)), /Invalid value: foo/);
      assert.equal(alpha.requests.length, 1);
    });

  world(`a context that is too long is told so that Codex can compact (${dialect})`,
    two_keys(() => fail(400, error('This model\'s maximum context length is 8192 tokens', 'context_length_exceeded')), { dialect }), async (tpool, { alpha }) => {
      const reply = await post(tpool);
      assert.equal(reply.status, 400, reply.text);
      assert.equal(reply.json().error.code, 'context_length_exceeded');
      assert.equal(alpha.requests.length, 1);
    });
}

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
    assert.match(message, /hour|60 ?min|59 ?min|3600|3599|\d\d:\d\d/, 'the time to come back is named');
    assert.ok(Date.now() - from < 10_000 * slow);
    await post(tpool);
    assert.equal(alpha.requests.length, 1, 'the cooling key is left alone');
  });

world('a key that was refused stays out, the other serves', two_keys(by_key(fail(401, error('bad key')))), async (tpool, { alpha }) => {
  for (let i = 0; i < 5; i++) assert.equal(read_stream((await post(tpool)).text).text, 'from the second key');
  assert.equal(alpha.requests.filter((r) => r.key === keys[0]).length, 1);
});

world('a whole answer moves to another key too', two_keys(by_key(fail(503, error('down')))), async (tpool) => {
  const reply = await post(tpool, { stream: false });
  assert.equal(reply.status, 200, reply.text);
});

world('a provider that is not there is named', { providers: { alpha: { turns: [], base_url: () => 'http://127.0.0.1:1/v1' } } }, async (tpool) => {
  const message = is_final_error(await post(tpool));
  assert.match(message, /alpha/);
  assert.match(message, /refused|connect/i);
});

world('a host name that does not exist is named', { providers: { alpha: { turns: [], base_url: () => 'http://no-such-host.invalid/v1' } } }, async (tpool) => {
  assert.match(is_final_error(await post(tpool)), /alpha/);
});

world('another provider is not used unless failover lets it', { providers: {
  alpha: { turns: () => fail(500, error('down')) }, beta: { models: ['model-one'], turns: () => answer(say('from beta')) } } }, async (tpool, { beta }) => {
  is_final_error(await post(tpool));
  assert.equal(beta.requests.length, 0);
});

world('one bad of two keys loses none of a hundred requests', two_keys(by_key({ raw: ['reset'] })), async (tpool) => {
  for (let i = 0; i < 10; i++) {
    const replies = await Promise.all(Array.from({ length: 10 }, () => post(tpool)));
    for (const reply of replies) assert.equal(read_stream(reply.text).text, 'from the second key', reply.text);
  }
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
