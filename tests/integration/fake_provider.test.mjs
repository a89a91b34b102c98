// The fake provider itself: what it says is valid, what it must refuse it refuses.

import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeProvider } from './fake_provider.mjs';
import { slow } from './tpool.mjs';
import { answer, call, custom_call, say, think } from './turn.mjs';
import { read_stream, read_whole } from './responses_client.mjs';

const ask_provider = async (provider, body, { key = provider.key, headers = {} } = {}) => {
  const reply = await fetch(`${provider.base_url}${provider.dialect.path}`, { method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) });
  return { status: reply.status, text: await reply.text() };
};

const with_provider = (name, options, body) => test(name, { timeout: 30_000 * slow }, async () => {
  const provider = await FakeProvider.start(options);
  try {
    await body(provider);
  } finally {
    await provider.close();
  }
});

const everything = answer(think('Hm.'), say('Grüße 🌍'), call('look', { a: 1 }, { id: 'c1', namespace: 'mcp__x' }), custom_call('apply_patch', 'p\n', { id: 'c2' }));
const response_tools = [{ type: 'namespace', name: 'mcp__x', description: '', tools: [{ type: 'function', name: 'look', parameters: {} }] }, { type: 'custom', name: 'apply_patch' }];

with_provider('a Responses answer is one a strict client accepts, streamed and whole', { turns: () => everything }, async (provider) => {
  const body = { model: 'model-one', input: 'hi', tools: response_tools };
  const streamed = read_stream((await ask_provider(provider, { ...body, stream: true })).text);
  const whole = read_whole(JSON.parse((await ask_provider(provider, body)).text));
  for (const said of [streamed, whole]) {
    assert.equal(said.text, 'Grüße 🌍');
    assert.equal(said.reasoning, 'Hm.');
    assert.deepEqual(said.calls.map((c) => [c.type, c.namespace, c.call_id, c.arguments ?? c.input]),
      [['function_call', 'mcp__x', 'c1', '{"a":1}'], ['custom_tool_call', undefined, 'c2', 'p\n']]);
    assert.equal(said.end, 'completed');
  }
  provider.expect_clean();
});

with_provider('a Chat answer names the flattened tools it was offered', { dialect: 'chat', turns: () => everything }, async (provider) => {
  const fn = (name, properties) => ({ type: 'function', function: { name, parameters: { type: 'object', properties } } });
  const body = { model: 'model-one', messages: [{ role: 'user', content: 'hi' }], tools: [fn('mcp__x__look', {}), fn('apply_patch', { input: { type: 'string' } })] };
  const { choices } = JSON.parse((await ask_provider(provider, body)).text);
  assert.deepEqual(choices[0].message.tool_calls.map((c) => [c.id, c.function.name, c.function.arguments]),
    [['c1', 'mcp__x__look', '{"a":1}'], ['c2', 'apply_patch', '{"input":"p\\n"}']]);
  const streamed = await ask_provider(provider, { ...body, stream: true, stream_options: { include_usage: true } });
  assert.match(streamed.text, /data: \[DONE\]\n\n$/);
  assert.match(streamed.text, /"usage":\{"prompt_tokens":100/);
  provider.expect_clean();
});

const user = { role: 'user', content: 'hi' };
const called = (...ids) => ({ role: 'assistant', content: null, tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })) });
const result = (id) => ({ role: 'tool', tool_call_id: id, content: 'x' });
const f = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } };
const bad_chat = {
  'an unknown parameter': { messages: [user], include: [] },
  'tools: []': { messages: [user], tools: [] },
  'tool_choice without tools': { messages: [user], tool_choice: 'auto' },
  'parallel_tool_calls without tools': { messages: [user], parallel_tool_calls: true },
  'stream_options without stream': { messages: [user], stream_options: { include_usage: true } },
  'the role developer': { messages: [{ role: 'developer', content: 'x' }, user] },
  'no user at all': { messages: [{ role: 'system', content: 'x' }] },
  'a result without a call': { messages: [user, result('a')] },
  'a call without a result': { messages: [user, called('a')] },
  'a message between call and result': { messages: [user, called('a'), user, result('a')] },
  'one of two results': { messages: [user, called('a', 'b'), result('a'), user] },
  'an empty assistant message': { messages: [user, { role: 'assistant', content: '' }, user] },
  'a Responses part': { messages: [{ role: 'user', content: [{ type: 'input_text', text: 'x' }] }] },
  'an image as a bare string': { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: 'data:image/png;base64,AAAA' }] }] },
  'an image in a tool result': { messages: [user, called('a'), { ...result('a'), content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] }] },
  'a tool name with a dot': { messages: [user], tools: [{ ...f, function: { ...f.function, name: 'a.b' } }] },
  'a tool name of 65 characters': { messages: [user], tools: [{ ...f, function: { ...f.function, name: 'x'.repeat(65) } }] },
  'the same tool twice': { messages: [user], tools: [f, f] },
  'a custom tool': { messages: [user], tools: [{ type: 'custom', custom: { name: 'x' } }] },
  'a call id of 65 characters': { messages: [user, called('x'.repeat(65)), result('x'.repeat(65))] },
  'a schema in the shape of Responses': { messages: [user], response_format: { type: 'json_schema', name: 'x', schema: {} } },
  'an effort of none': { messages: [user], reasoning_effort: 'none' },
  'half a surrogate pair': '{"model":"model-one","messages":[{"role":"user","content":"\\ud800"}]}',
  'bytes that are not UTF-8': Buffer.concat([Buffer.from('{"model":"model-one","messages":[{"role":"user","content":"'), Buffer.from([0xff]), Buffer.from('"}]}')]),
  'another model': { model: 'other', messages: [user] },
};
const bad_responses = {
  'an unknown parameter': { input: 'hi', messages: [] },
  'an unknown item': { input: [{ type: 'compaction_trigger' }] },
  'a call without an output': { input: [{ type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }] },
  'an output without a call': { input: [{ type: 'function_call_output', call_id: 'a', output: 'x' }] },
  'an output of the wrong kind': { input: [{ type: 'custom_tool_call', call_id: 'a', name: 'f', input: '' }, { type: 'function_call_output', call_id: 'a', output: 'x' }] },
  'arguments as an object': { input: [{ type: 'function_call', call_id: 'a', name: 'f', arguments: {} }, { type: 'function_call_output', call_id: 'a', output: 'x' }] },
  'user text as output_text': { input: [{ role: 'user', content: [{ type: 'output_text', text: 'x' }] }] },
  'assistant text as input_text': { input: [{ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }] },
  'foreign encrypted reasoning': { input: [{ type: 'reasoning', summary: [], encrypted_content: 'enc.other.AAAA' }, user] },
  'reasoning it has not kept': { input: [{ type: 'reasoning', id: 'rs_1', summary: [] }, user], store: false },
  'raw reasoning': { input: [{ type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'x' }] }, user] },
  'a Chat tool': { input: 'hi', tools: [f] },
  'a schema in the shape of Chat': { input: 'hi', text: { format: { type: 'json_schema', json_schema: {} } } },
};
const said = (role, ...parts) => ({ role, parts: parts.map((p) => (typeof p === 'string' ? { text: p } : p)) });
const fc = (id, more = {}) => ({ functionCall: { id, name: 'f', args: {} }, ...more });
const fr = (id) => ({ functionResponse: { id, name: 'f', response: { output: 'x' } } });
const hi = said('user', 'hi');
const declares = (parameters) => ({ contents: [hi], tools: [{ functionDeclarations: [{ name: 'f', parameters }] }] });
const of_type = (schema) => declares({ type: 'OBJECT', properties: { a: schema } });
const bad_gemini = {
  'an unknown field': { contents: [hi], messages: [] },
  'no contents': { contents: [] },
  'a content without parts': { contents: [said('user')] },
  'the role assistant': { contents: [hi, said('assistant', 'x'), hi] },
  'a model that begins': { contents: [said('model', 'x'), hi] },
  'a call without a result': { contents: [hi, said('model', fc('a')), hi] },
  'results in another order': { contents: [hi, said('model', fc('a'), fc('b')), said('user', fr('b'), fr('a'))] },
  'one of two results': { contents: [hi, said('model', fc('a'), fc('b')), said('user', fr('a'))] },
  'a result and words': { contents: [hi, said('model', fc('a')), said('user', fr('a'), 'x')] },
  'a result without a call': { contents: [hi, said('user', fr('a'))] },
  'a signature it never gave': { contents: [hi, said('model', fc('a', { thoughtSignature: 'QUJD' })), said('user', fr('a'))] },
  'a call without a signature': { contents: [hi, said('model', fc('a')), said('user', fr('a'))] },
  'arguments as a string': { contents: [hi, said('model', { functionCall: { name: 'f', args: '{}' } }), said('user', fr())] },
  'two kinds in one part': { contents: [said('user', { text: 'x', inlineData: { mimeType: 'image/png', data: 'AAAA' } })] },
  'a tool name that begins with a digit': { contents: [hi], tools: [{ functionDeclarations: [{ name: '3d' }] }] },
  'additionalProperties': declares({ type: 'OBJECT', properties: { a: { type: 'STRING' } }, additionalProperties: false }),
  'an object without properties': declares({ type: 'OBJECT', properties: {} }),
  'a reference': of_type({ $ref: '#/$defs/x' }),
  'a type in small letters': of_type({ type: 'string' }),
  'an enum of numbers': of_type({ type: 'INTEGER', enum: ['1'] }),
  'an array of nothing': of_type({ type: 'ARRAY' }),
  'something beside anyOf': of_type({ anyOf: [{ type: 'STRING' }], description: 'x' }),
  'a required name that is not there': declares({ type: 'OBJECT', properties: { a: { type: 'STRING' } }, required: ['b'] }),
  'a choice without tools': { contents: [hi], toolConfig: { functionCallingConfig: { mode: 'AUTO' } } },
  'a schema without its type': { contents: [hi], generationConfig: { responseSchema: { type: 'STRING' } } },
  'a level and a budget': { contents: [hi], generationConfig: { thinkingConfig: { thinkingLevel: 'low', thinkingBudget: 5 } } },
  'six stop sequences': { contents: [hi], generationConfig: { stopSequences: ['a', 'b', 'c', 'd', 'e', 'f'] } },
};
with_provider('a strict gemini provider refuses what a real one refuses', { dialect: 'gemini', signatures: 'required', turns: () => answer(say('ok')) }, async (provider) => {
  const post = async (body, { path = '/models/model-one:generateContent', key = provider.key } = {}) => {
    const reply = await fetch(`${provider.base_url}${path}`, { method: 'POST', headers: { 'x-goog-api-key': key, 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return { status: reply.status, text: await reply.text() };
  };
  assert.equal((await post({ contents: [hi] })).status, 200);
  provider.expect_clean();
  for (const [name, body] of Object.entries(bad_gemini)) {
    const before = provider.invalid.length;
    assert.equal((await post(body)).status, 400, name);
    assert.equal(provider.invalid.length, before + 1, name);
  }
  for (const path of ['/models/other:generateContent', '/models/model-one:streamGenerateContent', '/chat/completions'])
    assert.equal((await post({ contents: [hi] }, { path })).status, 400, path);
  assert.match((await post({ contents: [hi] }, { key: 'wrong' })).text, /API_KEY_INVALID/);
});
for (const [dialect, cases] of Object.entries({ chat: bad_chat, responses: bad_responses })) {
  with_provider(`a strict ${dialect} provider refuses what a real one refuses`, { dialect, turns: () => answer(say('no')) }, async (provider) => {
    for (const [name, body] of Object.entries(cases)) {
      const before = provider.invalid.length;
      const reply = await ask_provider(provider, typeof body === 'string' || Buffer.isBuffer(body) ? body : { model: 'model-one', ...body });
      assert.equal(reply.status, 400, `${name}: ${reply.text.slice(0, 200)}`);
      assert.equal(provider.invalid.length, before + 1, name);
    }
    assert.throws(() => provider.expect_clean());
    assert.equal((await ask_provider(provider, { model: 'model-one' }, { key: 'sk-wrong' })).status, 401);
  });
}
