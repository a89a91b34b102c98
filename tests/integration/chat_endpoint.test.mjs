// POST /v1/chat/completions: relayed byte for byte, translated, refused; always in Chat's own words.

import assert from 'node:assert/strict';
import { answer, call, fail, say, think } from './turn.mjs';
import { is_error, read_stream, read_whole } from './chat_client.mjs';
import { alpha, world } from './world.mjs';

const chat = (turns, more = {}) => alpha(turns, { dialect: 'chat', ...more });
const ask = (content, more = {}) => ({ model: 'alpha/model-one', messages: [{ role: 'user', content }], ...more });
const post = (tpool, body, more = {}) => tpool.request('POST', '/v1/chat/completions', { body, ...more });
const parameters = { type: 'object', properties: { where: { type: 'string' } }, required: ['where'], additionalProperties: false };
const look = { type: 'function', function: { name: 'look', description: 'Looks.', parameters } };

const turn = { ...answer(think('Let me see.'), say('Hello, wörld! 🌍')), usage: { input: 11, cached: 4, output: 5, reasoning: 2 } };
const usage = { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16,
  prompt_tokens_details: { cached_tokens: 4 }, completion_tokens_details: { reasoning_tokens: 2 } };

for (const dialect of ['chat', 'responses']) {
  const lane = dialect === 'chat' ? 'relay' : 'translate';
  world(`an answer is told, streamed and whole (${lane})`, alpha(() => turn, { dialect }), async (tpool) => {
    for (const path of ['/v1/chat/completions', '/openai/v1/chat/completions']) {
      const streamed = await tpool.request('POST', path, { body: ask('hi', { stream: true }) });
      assert.equal(streamed.status, 200, streamed.text);
      assert.match(streamed.headers['content-type'], /^text\/event-stream/);
      assert.match(streamed.headers['x-tpool-route'], new RegExp(lane));
      const said = read_stream(streamed.text);
      assert.deepEqual([said.text, said.reasoning, said.finish, said.usage], ['Hello, wörld! 🌍', 'Let me see.', 'stop', null]);
      const reply = await tpool.request('POST', path, { body: ask('hi') });
      assert.equal(reply.status, 200, reply.text);
      const whole = read_whole(reply.json());
      assert.deepEqual([whole.text, whole.reasoning, whole.finish], ['Hello, wörld! 🌍', 'Let me see.', 'stop']);
      assert.deepEqual(whole.usage, usage);
    }
  });

  world(`usage of a stream comes when it is asked for (${lane})`, alpha(() => turn, { dialect }), async (tpool) => {
    for (const include_usage of [true, false]) {
      const reply = await post(tpool, ask('hi', { stream: true, stream_options: { include_usage } }));
      const said = read_stream(reply.text, { usage_wanted: include_usage });
      assert.deepEqual(said.usage, include_usage ? usage : null);
    }
  });

  world(`an unknown model, a wrong body and a missing token are said in Chat's shape (${lane})`, alpha([], { dialect }), async (tpool, { alpha }) => {
    is_error(await post(tpool, ask('hi', { model: 'alpha/model-on' })), 404, 'model_not_found');
    is_error(await post(tpool, '{"model":'), 400);
    is_error(await post(tpool, ask('hi', { stream: 'yes' })), 400);
    is_error(await post(tpool, ask('hi'), { token: 'wrong' }), 401, 'invalid_api_key');
    is_error(await post(tpool, ask('hi'), { headers: { 'content-type': 'text/plain' } }), 415);
    is_error(await post(tpool, ask('hi'), { headers: { origin: 'http://evil.example' } }), 403);
    is_error(await tpool.request('GET', '/v1/chat/completions'), 405);
    assert.equal(alpha.requests.length, 0);
  });

  world(`a provider's failure keeps its meaning for the SDK (${lane})`, alpha([
    fail(429, { error: { message: 'slow down', code: 'rate_limit_exceeded' } }, { 'retry-after': '3600' }),
    fail(400, { error: { message: 'max_tokens is too large', type: 'invalid_request_error', param: 'max_tokens', code: null } }),
  ], { dialect, models: ['model-one', 'model-two'] }), async (tpool) => {
    const limited = await post(tpool, ask('hi'));
    is_error(limited, 429, 'rate_limit_exceeded');
    assert.ok(Number(limited.headers['retry-after']) > 3500, limited.headers['retry-after']);
    const bad = is_error(await post(tpool, ask('hi', { model: 'alpha/model-two' })), 400);
    assert.match(bad.message, /max_tokens is too large/);
  });

  world(`a stream that breaks ends in an error and without [DONE] (${lane})`, alpha([{ ...answer(say('Half a sentence, and then some more words that never come')), stop_after: 7, then: 'reset' }], { dialect }), async (tpool) => {
    const said = read_stream((await post(tpool, ask('hi', { stream: true }))).text);
    assert.ok(said.error, 'the break is told');
    assert.equal(said.done, false);
  });
}

for (const [name, turn_of] of [['HTML', { status: 200, body: '<html>login</html>', headers: { 'content-type': 'text/html' } }], ['null', { status: 200, body: 'null' }],
  ['an object of another kind', { status: 200, body: { hello: 'world' } }], ['an error in a 200', { status: 200, body: { error: { message: 'it is all wrong', code: 'server_error' } } }]]) {
  world(`${name} instead of an answer moves a relayed request to another key`, { providers: { alpha: { dialect: 'chat', keys: ['sk-first-0123456789', 'sk-second-0123456789'],
    turns: (request) => (request.key === 'sk-first-0123456789' ? turn_of : turn) } } }, async (tpool, { alpha }) => {
    for (const stream of [false, true]) {
      const reply = await post(tpool, ask('hi', { stream }));
      assert.equal(reply.status, 200, reply.text);
      assert.equal((stream ? read_stream(reply.text) : read_whole(reply.json())).text, 'Hello, wörld! 🌍');
    }
    assert.ok(alpha.requests.length >= 3);
  });
}

const odd_body = `{ "messages" : [{"role":"user","content":"caf\\u00e9 \\/ \\ud83d\\ude00 \\t\\"quoted\\" \\u0000"}],\n\n  "seed":1.0,"logit_bias":{"1":-0.0,"2":1e5},
 "model"   :  "alpha\\/model-one" , "unknown_member":[ null,true , {} ], "stream": false,"n":12345678901234567890}\n`;

world('a relayed request keeps every byte outside the model name', chat([turn], { relaxed: true }), async (tpool, { alpha }) => {
  const reply = await post(tpool, odd_body);
  assert.equal(reply.status, 200, reply.text);
  assert.equal(alpha.last.bytes.toString(), odd_body.replace('"alpha\\/model-one"', '"model-one"'));
});

for (const [name, toml, body, sent] of [
  ['the role developer', '', { messages: [{ role: 'developer', content: 'Be brief. "developer"' }, { role: 'user', content: 'hi' }] },
    { messages: [{ role: 'system', content: 'Be brief. "developer"' }, { role: 'user', content: 'hi' }] }],
  ['max_completion_tokens', '', { max_completion_tokens: 50 }, { max_tokens: 50 }],
  ['max_tokens', 'quirks = { max_tokens_field = "max_completion_tokens" }', { max_tokens: 50 }, { max_completion_tokens: 50 }],
  ['stream_options', 'quirks = { stream_options = false }', { stream: true, stream_options: { include_usage: false } }, { stream: true }],
]) {
  world(`${name} is relayed in the provider's dialect`, chat([turn], { toml }), async (tpool, { alpha }) => {
    const reply = await post(tpool, { ...ask('hi'), ...body });
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(alpha.last.body, { ...ask('hi'), model: 'model-one', ...sent });
  });
}

world('a relayed request is told in the dialect of its model', chat([turn], { models: ['openai/gpt-5-mini'], toml: 'preset = "github-models"', relaxed: true }), async (tpool, { alpha }) => {
  const body = { ...ask('hi', { model: 'alpha/openai/gpt-5-mini' }), max_completion_tokens: 50, messages: [{ role: 'developer', content: 'Be brief.' }, { role: 'user', content: 'hi' }] };
  const reply = await post(tpool, body);
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(alpha.last.body, { ...body, model: 'openai/gpt-5-mini' });
});

const odd_stream = [{ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', odd: [1.0, null], choices: [{ index: 1, delta: { content: 'b' } }, { index: 0, delta: { content: 'é' } }] },
  { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], x_odd: '\u0001' }]
  .map((chunk) => `data:  ${JSON.stringify(chunk)}\r\n\r\n`).join('') + ': the end\n\ndata: [DONE]\n\n';
world('a relayed stream keeps every byte', chat([{ raw: [`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n${odd_stream}`, 'cut'] }], { relaxed: true }), async (tpool) => {
  assert.equal((await post(tpool, ask('hi', { stream: true, n: 2 }))).text, odd_stream);
});

world('several answers are served where the provider can, and refused where it cannot', { providers: { alpha: { dialect: 'chat', relaxed: true, turns: [turn] }, beta: { turns: [] } } }, async (tpool, { alpha, beta }) => {
  assert.equal((await post(tpool, ask('hi', { n: 2 }))).status, 200);
  assert.equal(alpha.last.body.n, 2);
  const error = is_error(await post(tpool, ask('hi', { n: 2, model: 'beta/model-one' })), 400);
  assert.match(error.message, /n must be 1/);
  assert.equal(beta.requests.length, 0);
});

world('a round that was broken off is whole again for a Responses provider', alpha([turn]), async (tpool, { alpha }) => {
  const reply = await post(tpool, ask('', { messages: [{ role: 'user', content: 'dig' },
    { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'dig', arguments: '{}' } }] },
    { role: 'tool', tool_call_id: 'call_0', content: 'a hole' }, { role: 'user', content: 'stop' }] }));
  assert.equal(reply.status, 200, reply.text);
  assert.match(reply.headers['x-tpool-loss'], /items\.tool_result approximated 2/);
  assert.deepEqual(alpha.last.body.input.map((item) => item.type), ['message', 'function_call', 'function_call_output', 'message', 'message']);
  assert.match(JSON.stringify(alpha.last.body.input[3]), /a hole/);
});

world('what the other protocol cannot say is counted', alpha([turn]), async (tpool) => {
  const reply = await post(tpool, ask('hi', { logprobs: true, top_logprobs: 2, seed: 7, stop: ['x'] }));
  assert.equal(reply.status, 200, reply.text);
  for (const name of ['logprobs', 'top_logprobs', 'seed', 'stop']) assert.match(reply.headers['x-tpool-loss'], new RegExp(name));
});

for (const stream of [true, false]) {
  world(`a client of \`functions\` is answered with a function_call (${stream ? 'streamed' : 'whole'})`, alpha([
    answer(call('look', { where: 'x' }, { id: 'call_1' })), answer(say('A tree.')),
  ]), async (tpool, { alpha }) => {
    const read = async (body) => {
      const reply = await post(tpool, { ...body, stream });
      assert.equal(reply.status, 200, reply.text);
      return stream ? read_stream(reply.text) : read_whole(reply.json());
    };
    const first = ask('What do you see?', { functions: [look.function], function_call: { name: 'look' } });
    const said = await read(first);
    assert.equal(said.finish, 'function_call');
    assert.deepEqual([said.function_call.name, JSON.parse(said.function_call.arguments)], ['look', { where: 'x' }]);
    assert.deepEqual(said.calls, []);
    assert.equal(alpha.last.body.tool_choice.name, 'look');
    const second = await read({ ...first, function_call: 'auto', messages: [...first.messages,
      { role: 'assistant', content: null, function_call: said.function_call }, { role: 'function', name: 'look', content: 'a tree' }] });
    assert.deepEqual([second.text, second.finish], ['A tree.', 'stop']);
    const [, made, output] = alpha.last.body.input;
    assert.deepEqual([made.type, output.type, made.call_id === output.call_id], ['function_call', 'function_call_output', true]);
  });
}

world('a request that waits is kept alive with comments, as no chunk can be named yet', alpha([{ ...turn, before_headers_ms: 16_500 }], { dialect: 'chat' }), async (tpool) => {
  const reply = await post(tpool, ask('hi', { stream: true }), { limit_ms: 40_000 });
  const said = read_stream(reply.text, { relayed: true });
  assert.equal(said.text, 'Hello, wörld! 🌍');
  assert.match(reply.text, /^(: [^\n]*\n\n)+data: /);
});
