// The relay lane: a Responses client at a Responses provider. Bytes go through as they came.

import assert from 'node:assert/strict';
import { answer, call, say, think } from './turn.mjs';
import { read_stream, read_whole } from './responses_client.mjs';
import { alpha, ask, world } from './world.mjs';

const turn = { ...answer(think('Let me see.'), say('Hello, wörld! 🌍')), usage: { input: 11, cached: 4, output: 5, reasoning: 2 } };

world('a streamed answer goes through', alpha([turn]), async (tpool) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi') });
  assert.equal(reply.status, 200, reply.text);
  assert.match(reply.headers['content-type'], /^text\/event-stream/);
  const said = read_stream(reply.text);
  assert.equal(said.text, 'Hello, wörld! 🌍');
  assert.equal(said.reasoning, 'Let me see.');
  assert.equal(said.end, 'completed');
  assert.deepEqual(said.usage, { input_tokens: 11, input_tokens_details: { cached_tokens: 4 }, output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 2 }, total_tokens: 16 });
});

world('a whole answer goes through', alpha([turn]), async (tpool) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi', { stream: false }) });
  assert.equal(reply.status, 200, reply.text);
  assert.match(reply.headers['content-type'], /^application\/json/);
  assert.equal(read_whole(reply.json()).text, 'Hello, wörld! 🌍');
});

const odd_body = `{ "input" : "caf\\u00e9 \\/ \\ud83d\\ude00 \\t\\"quoted\\" \\u0000",\n\n  "metadata":{"n":1.0,"e":1e5,"big":12345678901234567890,"zero":-0.0},
 "model"   :  "alpha\\/model-one" , "unknown_member":[ null,true , {} ], "stream": false,"instructions":"Grüße 世界"}\n`;

world('a request keeps every byte outside the model name', alpha([turn], { relaxed: true }), async (tpool, { alpha }) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: odd_body });
  assert.equal(reply.status, 200, reply.text);
  assert.equal(alpha.last.bytes.toString(), odd_body.replace('"alpha\\/model-one"', '"model-one"'));
});

world('a large request keeps every byte outside the model name', alpha([turn], { relaxed: true }), async (tpool, { alpha }) => {
  const body = `{"input":"${'Zeile ä\\n'.repeat(300_000)}","stream":false,"model":"alpha/model-one"}`;
  const reply = await tpool.request('POST', '/v1/responses', { body });
  assert.equal(reply.status, 200, reply.text);
  assert.ok(alpha.last.bytes.equals(Buffer.from(body.replace('alpha/model-one', 'model-one'))));
});

const odd_answer = '{"object":"response", "id" :"r", "output":[],\n "odd":"\\u00e9\\/", "n": 1.0} \n';
world('an answer keeps every byte', alpha([{ raw: [`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(odd_answer)}\r\n\r\n${odd_answer}`] }]),
  async (tpool) => {
    const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi', { stream: false }) });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.text, odd_answer);
  });

const odd_stream = [
  ['response.created', { type: 'response.created', response: { id: 'resp_1', object: 'response', output: [], status: 'in_progress' } }],
  ['response.brand_new', { type: 'response.brand_new', anything: [1, 2, 3] }],
  ['response.output_item.done', { type: 'response.output_item.done', output_index: 0, item: { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'é' }] } }],
  ['response.completed', { type: 'response.completed', response: { id: 'resp_1', object: 'response', status: 'completed', output: [] } }],
].map(([event, data]) => `event: ${event}\ndata:  ${JSON.stringify(data)}\n\n`).join('');

world('a streamed answer with unknown events keeps every byte', alpha(() => ({ raw: [
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n', odd_stream, 'cut'] })), async (tpool) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi') });
  assert.equal(reply.text, odd_stream);
});
world('headers: credentials and the client\'s own are replaced, the provider\'s stay', alpha([turn], { toml: 'headers = { "x-team" = "ours" }' }), async (tpool, { alpha }) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi'), headers: {
    cookie: 'session=1', forwarded: 'for=1.2.3.4', 'x-forwarded-for': '1.2.3.4', 'openai-beta': 'test=1', 'api-key': 'mine', 'X-Team': 'theirs',
    connection: 'keep-alive, x-private', 'x-private': '1' } });
  assert.equal(reply.status, 200, reply.text);
  const { headers } = alpha.last;
  assert.equal(headers.authorization, `Bearer ${alpha.key}`);
  assert.equal(headers.host, `127.0.0.1:${alpha.port}`);
  assert.equal(headers['openai-beta'], 'test=1');
  assert.equal(headers.cookie, undefined);
  assert.equal(headers['x-private'], undefined);
  assert.equal(headers['api-key'], undefined);
  assert.equal(headers['x-team'], 'ours', 'what the store sets is said once');
  assert.match(reply.headers['x-tpool-request-id'], /\S{8,}/);
  assert.match(reply.headers['x-tpool-route'], /alpha/);
  assert.equal(reply.headers['x-tpool-attempts'], '1');
  assert.ok(reply.headers['x-models-etag']);
});

world('openai-model and cookies of a provider never reach the client', alpha([{ ...turn, headers: { 'openai-model': 'other', 'set-cookie': 'a=b', 'x-request-id': 'req_provider' } }]),
  async (tpool) => {
    const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi') });
    assert.equal(reply.headers['openai-model'], undefined);
    assert.equal(reply.headers['set-cookie'], undefined);
  });

world('a tool round trip keeps ids', alpha([answer(call('look', { where: 'here' }, { id: 'call_1' })), answer(say('Seen.'))]), async (tpool, { alpha }) => {
  const tools = [{ type: 'function', name: 'look', description: 'd', strict: false, parameters: { type: 'object', properties: { where: { type: 'string' } } } }];
  const first = read_stream((await tpool.request('POST', '/v1/responses', { body: ask('hi', { tools }) })).text);
  assert.equal(first.calls[0].call_id, 'call_1');
  const second = await tpool.request('POST', '/v1/responses', { body: ask([
    { role: 'user', content: 'hi' }, first.calls[0], { type: 'function_call_output', call_id: 'call_1', output: 'a tree' }], { tools }) });
  assert.equal(read_stream(second.text).text, 'Seen.', second.text);
  assert.equal(alpha.requests.length, 2);
});

world('reasoning of other makers goes on as its summary, without an id to look up', { providers: {
  alpha: { turns: () => answer(say('Seen.')) }, sealed: { dialect: 'chat', turns: () => answer(think('Sealed.'), say('One.')) },
  bare: { dialect: 'chat', toml: 'quirks = { replay_reasoning = "never" }', turns: () => answer(think('Bare.'), say('Two.')) },
} }, async (tpool, { alpha }) => {
  const more = { stream: false, store: false, include: ['reasoning.encrypted_content'] };
  const said = async (model, input) => {
    const reply = await tpool.request('POST', '/v1/responses', { body: ask(input, { ...more, model }) });
    assert.equal(reply.status, 200, reply.text);
    return read_whole(reply.json());
  };
  const user = (content) => ({ role: 'user', content });
  const first = await said('sealed/model-one', [user('a')]);
  const second = await said('bare/model-one', [user('a'), ...first.items, user('b')]);
  const input = [user('a'), ...first.items, user('b'), ...second.items, user('c')];
  assert.equal((await said('alpha/model-one', input)).text, 'Seen.');
  const thoughts = alpha.last.body.input.filter((item) => item.type === 'reasoning');
  assert.deepEqual(thoughts, ['Sealed.', 'Bare.'].map((text) => ({ type: 'reasoning', summary: [{ type: 'summary_text', text }] })));
  assert.deepEqual(alpha.last.body.input.filter((item) => item.type !== 'reasoning'), input.filter((item) => item.type !== 'reasoning'));
});

world('what is to run in the background runs in the foreground, for nobody could fetch its answer', alpha(() => turn, { relaxed: true }), async (tpool, { alpha }) => {
  const body = '{"model":"alpha/model-one","input":"hi","stream":false, "background" : true,"store":true}';
  const reply = await tpool.request('POST', '/v1/responses', { body });
  assert.equal(read_whole(reply.json()).text, 'Hello, wörld! 🌍');
  assert.equal(alpha.last.bytes.toString(), body.replace('alpha/model-one', 'model-one').replace('"background" : true', '"background" : false'));
  assert.match(reply.headers['x-tpool-loss'], /background dropped 1/);
  await tpool.request('POST', '/v1/responses', { body: body.replace('true', 'false') });
  assert.match(alpha.last.bytes.toString(), /"background" : false/);
});

world('connections to a provider are used again', alpha(() => turn), async (tpool, { alpha }) => {
  for (let i = 0; i < 10; i++) assert.equal((await tpool.request('POST', '/v1/responses', { body: ask('hi') })).status, 200);
  assert.ok(alpha.connections <= 2, `${alpha.connections} connections for 10 requests`);
});

world('fifty requests at once are all answered', alpha(() => ({ ...turn, pace_ms: 5 })), async (tpool) => {
  const replies = await Promise.all(Array.from({ length: 50 }, () => tpool.request('POST', '/v1/responses', { body: ask('hi') })));
  for (const reply of replies) assert.equal(read_stream(reply.text).text, 'Hello, wörld! 🌍');
});
