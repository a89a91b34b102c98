// WebSocket on /v1/responses, where it is switched on: warm-up, going on, errors, leaving, abuse.

import assert from 'node:assert/strict';
import { dialect_names } from './fake_provider.mjs';
import { exited } from './process.mjs';
import { answer, call, fail, say } from './turn.mjs';
import { slow } from './tpool.mjs';
import { sleep } from './wire.mjs';
import { frame, WebSocketClient } from './websocket_client.mjs';
import { alpha, world } from './world.mjs';

const on = (turns, more = {}) => ({ ...alpha(turns, more), settings: 'websocket = true' });
const parameters = { type: 'object', properties: { where: { type: 'string' } }, required: ['where'], additionalProperties: false };
const tools = [{ type: 'function', name: 'look', description: 'Looks.', strict: false, parameters }];
const words = (role, text) => ({ type: 'message', role, content: [{ type: 'input_text', text }] });
const create = (more) => ({ type: 'response.create', model: 'alpha/model-one', stream: true, store: false, tools, ...more });
const told = (provider) => JSON.stringify(provider.last.body);
const text_of = (events) => events.filter((e) => e.type === 'response.output_text.delta').map((e) => e.delta).join('');

for (const dialect of dialect_names) {
  world(`a warm-up is acknowledged, and a conversation goes on with new items alone (${dialect})`, on([
    answer(call('look', { where: 'x' }, { id: 'call_1' })), answer(say('A tree.')),
  ], { dialect }), async (tpool, { alpha }) => {
    const client = await WebSocketClient.open(tpool);
    assert.equal(client.status, 101, client.raw.text);
    await client.send(create({ generate: false, input: [words('developer', 'You are terse.')] }));
    const warm = await client.response();
    assert.deepEqual(warm.events.map((e) => e.type), ['response.created', 'response.in_progress', 'response.completed']);
    assert.ok(warm.id && warm.last.response.usage.total_tokens === 0);
    assert.equal(alpha.requests.length, 0);
    await client.send(create({ previous_response_id: warm.id, input: [words('user', 'What is there?')] }));
    const first = await client.response();
    const made = first.events.find((e) => e.type === 'response.output_item.done' && e.item.type === 'function_call').item;
    assert.equal(made.call_id, 'call_1');
    for (const text of ['You are terse.', 'What is there?']) assert.ok(told(alpha).includes(text), text);
    for (const text of ['previous_response_id', 'generate', 'response.create']) assert.ok(!told(alpha).includes(text), text);
    await client.send(create({ previous_response_id: first.id, input: [{ type: 'function_call_output', call_id: 'call_1', output: 'bark' }] }));
    const second = await client.response();
    assert.equal(text_of(second.events), 'A tree.');
    for (const text of ['You are terse.', 'What is there?', 'bark']) assert.ok(told(alpha).includes(text), text);
    client.close();
  });
}

world('a turn of a connection that is stored can be gone on from over HTTP', on([answer(say('One.')), answer(say('Two.')), answer(say('Three.'))]), async (tpool, { alpha }) => {
  const client = await WebSocketClient.open(tpool);
  await client.send(create({ generate: false, input: [words('developer', 'You are terse.')] }));
  const warm = await client.response();
  await client.send(create({ previous_response_id: warm.id, store: true, input: [words('user', 'first')] }));
  const first = await client.response();
  await client.send(create({ previous_response_id: first.id, input: [words('user', 'second')] }));
  const second = await client.response();
  assert.equal(text_of(second.events), 'Two.');
  client.close();
  const ask = (id) => tpool.request('POST', '/v1/responses', { body: { model: 'alpha/model-one', previous_response_id: id, input: 'third' } });
  const reply = await ask(first.id);
  assert.equal(reply.status, 200, reply.text);
  for (const text of ['You are terse.', 'first', 'One.', 'third']) assert.ok(told(alpha).includes(text), text);
  assert.ok(!told(alpha).includes('second'));
  const gone = await ask(second.id);
  assert.equal(gone.status, 400, 'what was not to be stored went with the connection');
  assert.equal(gone.json().error.code, 'previous_response_not_found');
});

world('without the setting an upgrade is answered 426, also to who has no token', alpha([]), async (tpool) => {
  assert.equal((await WebSocketClient.open(tpool)).status, 426);
});

world('who may not ask is refused before the upgrade', on([]), async (tpool) => {
  assert.equal((await WebSocketClient.open(tpool, { bearer: null })).status, 401);
  assert.equal((await WebSocketClient.open(tpool, { bearer: 'wrong' })).status, 401);
  assert.equal((await WebSocketClient.open(tpool, { headers: { origin: 'http://evil.example' } })).status, 403);
  assert.ok([403, 421].includes((await WebSocketClient.open(tpool, { headers: { host: 'evil.example' } })).status));
  assert.equal((await WebSocketClient.open(tpool, { headers: { upgrade: null } })).status, 426);
  assert.equal((await WebSocketClient.open(tpool, { path: '/v1/chat/completions' })).status, 405);
  const wrong = await WebSocketClient.open(tpool, { headers: { 'sec-websocket-version': '7' } });
  assert.ok(wrong.status >= 400 && wrong.status < 500, wrong.raw.text);
});

world('errors are frames, and the connection goes on', on([fail(400, { error: { message: 'max_output_tokens is wrong' } }), answer(say('fine'))]), async (tpool, { alpha }) => {
  const client = await WebSocketClient.open(tpool);
  for (const [message, pattern] of [['{"type":', /JSON|body/], ['[]', /object/], [{ type: 'response.cancel' }, /response\.create/], [create({ model: 'alpha/nobody', input: 'hi' }), /nobody/],
    [create({ previous_response_id: 'resp_gone', input: 'hi' }), /resp_gone/], [create({ input: 'hi' }), /max_output_tokens is wrong/]]) {
    await client.send(message);
    const { last } = await client.response();
    assert.equal(last?.type, 'error', JSON.stringify(last));
    assert.ok(last.status >= 400 && last.status < 500);
    assert.match(last.error.message, pattern);
  }
  await client.send(create({ input: 'hi' }));
  assert.equal(text_of((await client.response()).events), 'fine');
  assert.equal(alpha.requests.length, 2);
  client.close();
});

world('messages in fragments, pings, and several requests at once', on(() => answer(say('fine'))), async (tpool) => {
  const client = await WebSocketClient.open(tpool);
  const text = JSON.stringify(create({ input: 'a word '.repeat(20_000) }));
  await client.raw.send(frame(text.slice(0, 70_000), { fin: false }));
  await client.raw.send(frame('hello', { opcode: 9 }));
  await client.raw.send(frame(text.slice(70_000), { opcode: 0 }));
  assert.equal((await client.next()).opcode, 10);
  assert.equal(text_of((await client.response()).events), 'fine');
  for (let i = 0; i < 5; i += 1) await client.send(create({ input: `hi ${i}` }));
  for (let i = 0; i < 5; i += 1) assert.equal(text_of((await client.response()).events), 'fine');
  client.close();
});

for (const how of ['close', 'reset', 'say goodbye']) {
  world(`leaving in the middle of an answer reaches the provider (${how})`, on(() => ({ ...answer(say('An answer that goes on and on without an end')), stop_after: 8, then: 'silence' })), async (tpool, { alpha }) => {
    const client = await WebSocketClient.open(tpool);
    await client.send(create({ input: 'hi' }));
    const request = await alpha.arrived(1);
    assert.ok(await client.raw.until((text) => text.includes('delta')));
    if (how === 'say goodbye') await client.raw.send(frame(Buffer.from([3, 232]), { opcode: 8 }));
    else client.raw[how]();
    const late = sleep(2000 * slow).then(() => 'late');
    assert.notEqual(await Promise.race([request.gone, late]), 'late');
  });
}

world('frames no client may send end the connection, not the server', on(() => answer(say('fine'))), async (tpool) => {
  for (const bytes of [frame('{}', { masked: false }), frame('x', { opcode: 3 }), frame('x', { opcode: 2 }), Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
    frame('x'.repeat(200), { opcode: 9 }), frame(Buffer.from([0xff, 0xfe]))]) {
    const client = await WebSocketClient.open(tpool);
    await client.raw.send(bytes);
    assert.ok(await client.raw.until_closed(), bytes.toString('hex').slice(0, 40));
  }
  const client = await WebSocketClient.open(tpool);
  await client.send(create({ input: 'hi' }));
  assert.equal(text_of((await client.response()).events), 'fine');
  client.close();
});

world('a stop waits for no client that is still to hang up after a frame it may not send', { ...on([]), ends: true }, async (tpool) => {
  const client = await WebSocketClient.open(tpool);
  await client.raw.send(frame('{}', { masked: false }));
  assert.ok(await client.raw.until_closed(), 'our side is closed');
  process.kill(tpool.server.pid, 'SIGTERM');
  assert.ok(await exited(tpool.server, 3000 * slow));
  client.close();
});

world('a stop ends idle connections at once', { ...on([]), ends: true }, async (tpool) => {
  const client = await WebSocketClient.open(tpool);
  const from = Date.now();
  process.kill(tpool.server.pid, 'SIGTERM');
  assert.ok(await client.raw.until_closed());
  assert.ok(Date.now() - from < 3000 * slow);
});
