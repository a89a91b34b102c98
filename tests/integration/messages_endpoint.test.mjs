// POST /v1/messages and what lies around it: relayed byte for byte, translated with care, refused in
// Anthropic's words.

import assert from 'node:assert/strict';
import { is_error, read_stream, read_whole } from './messages_client.mjs';
import { read_whole as read_response } from './responses_client.mjs';
import { answer, call, fail, say, think, think_hidden } from './turn.mjs';
import { token } from './tpool.mjs';
import { alpha, ask as ask_responses, world } from './world.mjs';

const headers = { 'anthropic-version': '2023-06-01' };
const ask = (messages, more = {}) => ({ model: 'alpha/model-one', max_tokens: 4096, messages: typeof messages === 'string' ? [{ role: 'user', content: messages }] : messages, ...more });
const post = (tpool, body, { path = '/v1/messages', ...more } = {}) => tpool.request('POST', path, { body, headers, ...more });
const said = async (tpool, body) => {
  const reply = await post(tpool, body);
  assert.equal(reply.status, 200, reply.text);
  return (body.stream ? read_stream(reply.text) : read_whole(reply.json())).message;
};
const relayed = (turns, more = {}) => alpha(turns, { dialect: 'messages', ...more });
const look = { name: 'look', description: 'Looks.', input_schema: { type: 'object', properties: { where: { type: 'string' } }, required: ['where'] } };

world('a request is relayed byte for byte, its headers and query as they must be', relayed([answer(say('ok'))]), async (tpool, { alpha }) => {
  const body = ' { "max_tokens":1e2 , "model" : "alpha\\/model-one", "messages":[{"content":"\\u0068i", "role":"user"}],\n "metadata":{"user_id":"u"}, "top_k":5 }';
  const reply = await post(tpool, body, { path: '/v1/messages?beta=true', headers: { ...headers, 'anthropic-beta': 'one-2026-01-01,two-2026-02-02', 'x-stainless-lang': 'js' } });
  assert.equal(reply.status, 200, reply.text);
  assert.equal(alpha.last.bytes.toString(), body.replace('"alpha\\/model-one"', '"model-one"'));
  assert.equal(alpha.last.headers['anthropic-beta'], 'one-2026-01-01,two-2026-02-02');
  assert.equal(alpha.last.headers['anthropic-version'], '2023-06-01');
  assert.equal(alpha.last.query, '?beta=true');
  assert.equal(alpha.last.headers['x-api-key'], alpha.key);
  assert.equal(alpha.last.headers.authorization, undefined);
  assert.match(reply.headers['x-tpool-route'], /relay/);
});

world('a relayed stream passes as it is and its usage is accounted', relayed([{ ...answer(think('Hm.'), say('Yes.')), usage: { input: 50, cached: 20, output: 7 } }]), async (tpool) => {
  const message = await said(tpool, ask('hi', { stream: true }));
  assert.deepEqual(message.content.map((b) => b.type), ['thinking', 'text']);
  const [record] = await tpool.records();
  assert.deepEqual([record.outcome, record.usage], ['served', { input: 30, cache_read: 20, cache_write: 0, output: 7, reasoning: 0 }]);
});

world('a relayed answer names its model as the client did', relayed(() => answer(think('Hm.'), say('I am "model-one", the "model": "message_start".'))), async (tpool) => {
  for (const stream of [true, false]) for (const model of ['alpha/model-one', 'alpha/model-one[1m]'])
    assert.equal((await said(tpool, ask('hi', { stream, model }))).model, model);
});

world('HEAD / is answered, and both headers of a client token are taken', relayed(() => answer(say('ok'))), async (tpool) => {
  assert.equal((await tpool.request('HEAD', '/', { token: null })).status, 200);
  for (const given of [{ 'x-api-key': token }, { authorization: `Bearer ${token}` }, { authorization: 'Bearer sk-other', 'x-api-key': token }])
    assert.equal((await post(tpool, ask('hi'), { token: null, headers: { ...headers, ...given } })).status, 200);
  is_error(await post(tpool, ask('hi'), { token: null }), 401, 'authentication_error');
  is_error(await post(tpool, ask('hi'), { headers: { ...headers, 'x-api-key': 'wrong' }, token: null }), 401, 'authentication_error');
});

world('tokens are counted by a provider that can', relayed([{ ...answer(), usage: { input: 321 } }]), async (tpool, { alpha }) => {
  const { max_tokens, ...body } = ask('hi', { system: 'Be brief.', tools: [look] });
  const reply = await post(tpool, body, { path: '/v1/messages/count_tokens?beta=true' });
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(reply.json(), { input_tokens: 321 });
  assert.equal(alpha.last.path, '/v1/messages/count_tokens');
});

for (const dialect of ['chat', 'responses'])
  world(`tokens are never guessed (${dialect})`, alpha([], { dialect }), async (tpool, { alpha }) => {
    is_error(await post(tpool, ask('hi'), { path: '/v1/messages/count_tokens' }), 404, 'not_found_error');
    assert.equal(alpha.requests.length, 0);
  });

world('what is wrong is said in Anthropic\'s shape', relayed([], {}), async (tpool) => {
  is_error(await post(tpool, '{"model":'), 400, 'invalid_request_error');
  is_error(await post(tpool, ask('hi', { model: 'nobody' })), 404, 'not_found_error');
  is_error(await tpool.request('GET', '/v1/messages', { headers }), 405, 'invalid_request_error');
  is_error(await post(tpool, ask('hi'), { headers: { ...headers, origin: 'http://evil.example' } }), 403, 'permission_error');
});

for (const [status, type, told, message] of [[529, 'overloaded_error', 529, 'Overloaded'], [429, 'rate_limit_error', 429, 'slow down'], [500, 'api_error', 529, 'oops'],
  [401, 'authentication_error', 403, 'invalid x-api-key'], [400, 'invalid_request_error', 400, 'messages: at least one is needed']]) {
  for (const dialect of ['messages', 'chat'])
    world(`a provider's ${status} is told (${dialect})`, { ...alpha(() => fail(status, { type: 'error', error: { type, message } }, { 'retry-after': '300' }), { dialect }) }, async (tpool) => {
      const reply = await post(tpool, ask('hi'));
      const kinds = { 529: 'overloaded_error', 429: 'rate_limit_error', 403: 'permission_error', 400: 'invalid_request_error' };
      const error = is_error(reply, told, kinds[told]);
      assert.ok(error.message.includes(message), error.message);
      if (told === 429) assert.ok(Number(reply.headers['retry-after']) > 200, JSON.stringify(reply.headers));
    });
}

for (const dialect of ['messages', 'chat', 'responses'])
  world(`a stream that breaks ends in an error event (${dialect})`, alpha([{ ...answer(say('Half a sentence and some more words')), stop_after: 7, then: 'reset' }], { dialect }), async (tpool) => {
    const reply = await post(tpool, ask('hi', { stream: true }));
    const { message, error } = read_stream(reply.text);
    assert.ok(message.content[0].text.startsWith('Half'), reply.text);
    assert.equal(error.type, 'api_error');
  });

world('thinking goes back to who made it and to nobody else', { providers: {
  alpha: { dialect: 'messages', turns: [answer(think('A private thought.'), think_hidden('x'), call('look', { where: 'x' }, { id: 'toolu_1' })), answer(say('Seen.'))] },
  beta: { dialect: 'messages', turns: () => answer(say('I am beta.')) },
  gamma: { dialect: 'chat', turns: () => answer(say('I am gamma.')) } } }, async (tpool, { alpha, beta, gamma }) => {
  const more = { tools: [look], thinking: { type: 'enabled', budget_tokens: 2048 } };
  for (const stream of [true, false]) {
    alpha.turns = [answer(think('A private thought.'), think_hidden('x'), call('look', { where: 'x' }, { id: 'toolu_1' })), answer(say('Seen.'))];
    const first = await said(tpool, ask('hi', { ...more, stream }));
    assert.ok(!first.content[0].signature.startsWith(alpha.mint), 'the signature is labelled');
    assert.match(first.content[1].data, /^tp1\./, 'so is thinking that is not shown');
    const history = [{ role: 'user', content: 'hi' }, { role: 'assistant', content: first.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'a tree' }] }];
    assert.equal((await said(tpool, ask(history, { ...more, stream }))).content[0].text, 'Seen.');
    const [thought, hidden] = alpha.last.body.messages[1].content;
    assert.deepEqual([thought.thinking, thought.signature.startsWith(alpha.mint)], ['A private thought.', true]);
    assert.ok(hidden.data.startsWith(alpha.mint));
    const reply = await post(tpool, ask(history, { ...more, stream, model: 'beta/model-one' }));
    assert.equal(reply.status, 200, reply.text);
    assert.match(reply.headers['x-tpool-loss'], /thinking/);
    assert.deepEqual(beta.last.body.messages[1].content.map((b) => b.type), ['tool_use']);
    assert.equal(beta.last.body.thinking, undefined, 'manual thinking cannot go on from here');
    await said(tpool, ask(history, { ...more, stream, model: 'gamma/model-one' }));
    assert.ok(!JSON.stringify(gamma.last.body).includes(alpha.mint));
  }
});

world('thinking nobody signed is no thinking to a provider that signs its own', { providers: {
  alpha: { dialect: 'messages', turns: () => answer(say('Seen.')) },
  bare: { dialect: 'chat', toml: 'quirks = { replay_reasoning = "never" }', turns: () => answer(think('Bare.'), say('One.')) } } }, async (tpool, { alpha, bare }) => {
  for (const stream of [true, false]) {
    const { content } = await said(tpool, ask('hi', { stream, model: 'bare/model-one' }));
    assert.deepEqual(content.map((b) => b.thinking ?? b.text), ['Bare.', 'One.']);
    const history = [{ role: 'user', content: 'hi' }, { role: 'assistant', content }, { role: 'user', content: 'and?' }];
    await said(tpool, ask(history, { stream }));
    assert.deepEqual(alpha.last.body.messages[1].content, [{ type: 'text', text: 'One.' }]);
    const reply = await post(tpool, ask(history, { stream, model: 'bare/model-one' }));
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.headers['x-tpool-loss'], undefined);
    assert.deepEqual(bare.last.body.messages.map((m) => m.content), ['hi', 'One.', 'and?']);
  }
});

world('a token for a foreign thought comes back whole, or not at all', alpha(() => answer(think('A thought.'), call('look', { where: 'x' }, { id: 'call_1' })), { dialect: 'responses' }), async (tpool, { alpha }) => {
  const first = await said(tpool, ask('hi', { tools: [look], thinking: { type: 'enabled', budget_tokens: 2048 } }));
  assert.match(first.content[0].signature, /^tp2\./);
  const turn = (signature) => ask([{ role: 'user', content: 'hi' }, { role: 'assistant', content: [{ ...first.content[0], signature }, first.content[1]] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'a tree' }] }], { tools: [look] });
  await said(tpool, turn(first.content[0].signature));
  const sealed = () => alpha.last.body.input.find((i) => i.type === 'reasoning')?.encrypted_content;
  assert.ok(sealed()?.startsWith(alpha.mint), JSON.stringify(alpha.last.body.input));
  const forged = first.content[0].signature.replace(/.{3}$/, 'AAA');
  const reply = await post(tpool, turn(forged));
  assert.equal(reply.status, 200, reply.text);
  assert.match(reply.headers['x-tpool-loss'], /reasoning\.token dropped/);
  assert.equal(sealed(), undefined);
});

world('a Responses client gets thinking sealed and gives it back signed', relayed([
  answer(think('A private thought.'), call('look', { where: 'x' }, { id: 'toolu_1' })), answer(say('Seen.')),
]), async (tpool, { alpha }) => {
  const body = (input) => ask_responses(input, { stream: false, reasoning: { effort: 'high', summary: 'auto' }, store: false, include: ['reasoning.encrypted_content'],
    tools: [{ type: 'function', name: 'look', strict: false, parameters: look.input_schema }] });
  const first = read_response((await tpool.request('POST', '/v1/responses', { body: body('hi') })).json());
  const reply = await tpool.request('POST', '/v1/responses', { body: body([{ role: 'user', content: 'hi' }, ...first.items, { type: 'function_call_output', call_id: 'toolu_1', output: 'a tree' }]) });
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(alpha.last.body.messages[1].content.map((b) => b.type), ['thinking', 'tool_use']);
  assert.equal(alpha.last.body.thinking.type, 'enabled');
});

world('cache breakpoints are added where the client had none, and kept where it had some', relayed(() => answer(say('ok'))), async (tpool, { alpha }) => {
  const marks = () => {
    const { tools, system, messages } = alpha.last.body;
    const at = (list) => list.map((b) => Boolean(b.cache_control));
    return { tools: at(tools), system: at(system), messages: messages.map((m) => at(m.content)) };
  };
  const tools = ['one', 'two'].map((name) => ({ type: 'function', name, strict: false, parameters: look.input_schema }));
  const input = ['a', 'b', 'c'].flatMap((text) => [{ role: 'user', content: text }, { role: 'assistant', content: `${text}!` }]).slice(0, -1);
  const reply = await tpool.request('POST', '/v1/responses', { body: ask_responses(input, { stream: false, instructions: 'Be brief.', tools }) });
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(marks(), { tools: [false, true], system: [true], messages: [[false], [false], [true], [false], [true]] });
  const mark = { cache_control: { type: 'ephemeral' } };
  const chat = await tpool.request('POST', '/v1/chat/completions', { body: { model: 'alpha/model-one', messages: [{ role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'long', ...mark }, { type: 'text', text: 'short' }] }], tools: [{ type: 'function', function: { name: 'one', parameters: look.input_schema } }] } });
  assert.equal(chat.status, 200, chat.text);
  assert.deepEqual(marks(), { tools: [false], system: [false], messages: [[true, false]] });
});
