// Bodies that are broken, huge or meant to hurt: a clear error, nothing sent, the same process alive.

import assert from 'node:assert/strict';
import zlib from 'node:zlib';
import { answer, say } from './turn.mjs';
import { read_stream } from './responses_client.mjs';
import { alpha, ask, world } from './world.mjs';

const post = (tpool, body, options) => tpool.request('POST', '/v1/responses', { body, limit_ms: 60_000, ...options });
const nested = (depth, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);
const with_input = (json) => `{"model":"alpha/model-one","stream":true,"input":${json}}`;

const broken = {
  'no body at all': '',
  'a space': ' ',
  'half a body': '{"model":"alpha/model-one","input":',
  'trailing garbage': `${JSON.stringify(ask('hi'))} x`,
  'two documents': `${JSON.stringify(ask('hi'))}${JSON.stringify(ask('hi'))}`,
  'a trailing comma': '{"model":"alpha/model-one","input":"hi",}',
  'single quotes': "{'model':'alpha/model-one','input':'hi'}",
  'comments': '{"model":"alpha/model-one",/* c */"input":"hi"}',
  'a byte order mark': `\ufeff${JSON.stringify(ask('hi'))}`,
  'an array': '[]',
  'a string': '"hi"',
  'null': 'null',
  'NaN': with_input('NaN'),
  'a bare control character in a string': with_input('"a\u0001b"'),
  'bytes that are not UTF-8': Buffer.concat([Buffer.from('{"model":"alpha/model-one","input":"'), Buffer.from([0xff, 0xfe, 0xc0, 0xaf]), Buffer.from('"}')]),
  'an overlong UTF-8 form': Buffer.concat([Buffer.from('{"model":"alpha/model-one","input":"'), Buffer.from([0xe0, 0x80, 0xaf]), Buffer.from('"}')]),
  'a surrogate in UTF-8': Buffer.concat([Buffer.from('{"model":"alpha/model-one","input":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
  'a truncated UTF-8 sequence': Buffer.concat([Buffer.from('{"model":"alpha/model-one","input":"'), Buffer.from([0xe4, 0xb8]), Buffer.from('"}')]),
  'half a surrogate escape': with_input('"\\ud800 alone"'),
  'the wrong half of a surrogate escape': with_input('"\\udc00\\ud800"'),
  'a bad escape': with_input('"\\x41"'),
  'the model twice': '{"model":"alpha/model-one","input":"hi","model":"beta/other"}',
  'the stream flag twice': '{"model":"alpha/model-one","input":"hi","stream":true,"stream":false}',
  'no model': '{"input":"hi"}',
  'a model that is a number': '{"model":7,"input":"hi"}',
  'a model that is null': '{"model":null,"input":"hi"}',
  'a model that is a list': '{"model":["alpha/model-one"],"input":"hi"}',
  'a stream flag that is a string': '{"model":"alpha/model-one","input":"hi","stream":"yes"}',
  '100,000 open brackets': '['.repeat(100_000),
  '100,000 levels of lists': with_input(nested(100_000)),
  '100,000 levels of objects': with_input(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
  '100,000 levels in an unknown member': `{"model":"alpha/model-one","input":"hi","x":${nested(100_000)}}`,
  '100,000 levels before the model': `{"x":${nested(100_000)},"model":"alpha/model-one","input":"hi"}`,
};

// The cases that were not answered 400 with a message, or reached the provider all the same.
const not_refused = async (tpool, provider, cases) => {
  const faults = [];
  for (const [name, body] of Object.entries(cases)) {
    const before = provider.requests.length;
    const reply = await post(tpool, body, body === '' ? { headers: { 'content-type': 'application/json', 'content-length': 0 } } : {});
    const told = reply.status === 400 && reply.json().error.message;
    if (!told || told.length > 2000) faults.push(`${name}: ${reply.status} ${reply.text.slice(0, 200)}`);
    if (provider.requests.length > before) faults.push(`${name}: was sent`);
  }
  return faults;
};

for (const dialect of ['responses', 'chat']) {
  world(`broken bodies are refused with 400 and nothing is sent (${dialect})`, alpha(() => answer(say('still alive')), { dialect }), async (tpool, { alpha }) => {
    assert.deepEqual(await not_refused(tpool, alpha, broken), []);
    assert.equal(alpha.requests.length, 0);
    assert.equal(read_stream((await post(tpool, ask('hi'))).text).text, 'still alive');
  });
}

const badly_typed = {
  'input as a number': ask(7), 'input as an object': ask({ a: 1 }), 'items that are strings': ask(['a']), 'an item without content': ask([{ role: 'user' }]),
  'a part of unknown type': ask([{ role: 'user', content: [{ type: 'input_smell', smell: 'x' }] }]),
  'tools as an object': ask('hi', { tools: {} }), 'a tool without a name': ask('hi', { tools: [{ type: 'function', parameters: {} }] }),
  'parameters as a string': ask('hi', { tools: [{ type: 'function', name: 'f', parameters: 'x' }] }),
  'a number beyond every range': '{"model":"alpha/model-one","input":"hi","stream":true,"max_output_tokens":1e400}',
  'a 400-digit integer': `{"model":"alpha/model-one","input":"hi","stream":true,"max_output_tokens":${'9'.repeat(400)}}`,
  'a temperature of words': ask('hi', { temperature: 'hot' }),
};
world('badly typed members never crash the translator and never reach a provider', alpha(() => answer(say('ok')), { dialect: 'chat' }), async (tpool, { alpha }) => {
  assert.deepEqual(await not_refused(tpool, alpha, badly_typed), []);
});

const readable = {
  'arguments as an object': ask([{ role: 'user', content: 'a' }, { type: 'function_call', call_id: 'c', name: 'f', arguments: { a: 1 } }, { type: 'function_call_output', call_id: 'c', output: 'x' }]),
  'a call that nothing answers': ask([{ role: 'user', content: 'a' }, { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }]),
  'an answer to no call': ask([{ role: 'user', content: 'a' }, { type: 'function_call_output', call_id: 'c', output: 'x' }]),
  'the same call id in two rounds': ask([{ role: 'user', content: 'a' }, ...[1, 2].flatMap(() => [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }, { type: 'function_call_output', call_id: 'c', output: 'x' }])]),
  'a tool name with dots and spaces': ask('hi', { tools: [{ type: 'function', name: 'my tool.v2', parameters: { type: 'object', properties: {} } }] }),
  'an empty message': ask([{ role: 'user', content: [] }, { role: 'user', content: 'a' }]),
  'an unknown item': ask([{ type: 'item_from_the_future', x: 1 }, { role: 'user', content: 'a' }]),
};
world('what can be repaired is repaired, the rest refused; a strict provider never sees it raw', alpha(() => answer(say('ok')), { dialect: 'chat' }), async (tpool, { alpha }) => {
  for (const [name, body] of Object.entries(readable)) {
    const reply = await post(tpool, body);
    assert.ok([200, 400].includes(reply.status), `${name}: ${reply.status} ${reply.text.slice(0, 200)}`);
    if (reply.status === 200) assert.equal(read_stream(reply.text).end, 'completed', name);
    for (const refused of alpha.invalid) refused.case ??= name;
  }
});

world('deep nesting inside tool arguments and schemas does no harm', alpha(() => answer(say('ok')), { dialect: 'chat', relaxed: true }), async (tpool) => {
  for (const depth of [100, 600, 100_000]) {
    const deep = nested(depth);
    const bodies = [
      JSON.stringify(ask([{ role: 'user', content: 'a' }, { type: 'function_call', call_id: 'c', name: 'f', arguments: deep }, { type: 'function_call_output', call_id: 'c', output: deep }])),
      `{"model":"alpha/model-one","stream":true,"input":"hi","tools":[{"type":"function","name":"f","parameters":{"type":"object","x":${deep}}}]}`,
    ];
    for (const body of bodies) assert.ok([200, 400].includes((await post(tpool, body)).status));
  }
});

world('harmless oddities are accepted', alpha(() => answer(say('ok'))), async (tpool) => {
  for (const body of [
    ` \r\n\t${JSON.stringify(ask('hi'))} \n`,
    '{"\\u006dodel":"alpha\\u002fmodel-one","input":"hi","stream":true}',
    JSON.stringify(ask('\u0000\u2028\uffff🌍')),
    JSON.stringify(ask('hi')).replace('"hi"', '"\\ud83c\\udf0d"'),
  ]) assert.equal(read_stream((await post(tpool, body)).text).text, 'ok', body);
});

world('a body of 64 MiB is refused, one below the limit goes through, memory comes back', alpha(() => answer(say('ok')), { relaxed: true }), async (tpool) => {
  await post(tpool, ask('hi'));
  const before = tpool.memory();
  const big = (mib) => `{"model":"alpha/model-one","stream":true,"input":"${'x'.repeat(mib << 20)}"}`;
  for (let i = 0; i < 3; i++) {
    const reply = await post(tpool, big(64)).catch((error) => error);
    if (!(reply instanceof Error)) assert.equal(reply.status, 413, reply.text);
  }
  const reply = await post(tpool, big(16));
  assert.equal(reply.status, 200, reply.text);
  // It is still being kept as a turn to go on from.
  await tpool.has_grown_less(before, 64 << 10);
  assert.equal((await post(tpool, ask('hi'))).status, 200);
});

world('compressed bodies: gzip and zstd are read or refused by name, a bomb is bounded', alpha(() => answer(say('ok')), { relaxed: true }), async (tpool) => {
  const before = tpool.memory();
  const plain = JSON.stringify(ask('hi'));
  const gzip = await post(tpool, zlib.gzipSync(plain), { headers: { 'content-encoding': 'gzip' } });
  assert.ok([200, 415].includes(gzip.status), gzip.text);
  const bomb = zlib.gzipSync(Buffer.alloc(300 << 20, 0x20));
  const answer_to_bomb = await post(tpool, bomb, { headers: { 'content-encoding': 'gzip' } });
  assert.ok([400, 413, 415].includes(answer_to_bomb.status), `${answer_to_bomb.status}`);
  const unknown = await post(tpool, plain, { headers: { 'content-encoding': 'br' } });
  assert.ok([400, 415].includes(unknown.status), `${unknown.status}`);
  await tpool.has_grown_less(before, 96 << 10);
});
