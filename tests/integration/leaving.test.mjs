// A client that leaves: its provider's request ends within two seconds, whatever was going on.

import assert from 'node:assert/strict';
import { clients } from './clients.mjs';
import { answer, fail, say } from './turn.mjs';
import { RawClient } from './raw.mjs';
import { slow, token } from './tpool.mjs';
import { sleep } from './wire.mjs';
import { alpha, ask, world } from './world.mjs';

const say_to = async (tpool, { path, headers = {}, body }) => {
  const client = await RawClient.open(tpool.port);
  const bytes = JSON.stringify(body);
  await client.send([`POST ${path} HTTP/1.1`, `host: 127.0.0.1:${tpool.port}`, `authorization: Bearer ${token}`, 'content-type: application/json',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), `content-length: ${Buffer.byteLength(bytes)}`, '', bytes].join('\r\n'));
  return client;
};
const send = (tpool, body) => say_to(tpool, { path: '/v1/responses', body });

const within = async (promise, ms) => {
  const late = Symbol('late');
  return (await Promise.race([promise.then(() => 'gone'), sleep(ms * slow).then(() => late)])) !== late;
};

const windows = {
  'before the provider\'s headers': { turn: { ...answer(say('x')), before_headers_ms: 20_000 }, stream: true },
  'after the headers, before an event': { turn: { ...answer(say('x')), before_first_event_ms: 20_000 }, stream: true },
  'in the middle of a stream': { turn: { ...answer(say('word '.repeat(50))), stop_after: 8, then: 'silence' }, stream: true, text: true },
  'during a whole answer': { turn: { ...answer(say('x')), before_headers_ms: 20_000 }, stream: false },
};

const lanes = { responses: ['responses', 'chat'], chat: ['chat', 'messages'], messages: ['messages', 'responses', 'gemini'] };

for (const [client_name, dialects] of Object.entries(lanes))
  for (const dialect of dialects)
    world(`a client that leaves cancels the provider's side (${client_name} at ${dialect})`, alpha([], { dialect }), async (tpool, { alpha }, t) => {
      for (const [name, { turn, stream, text }] of Object.entries(windows))
        for (const how of ['close', 'reset'])
          await t.test(`by ${how} ${name}`, async () => {
            const before = alpha.requests.length;
            alpha.turns = [turn];
            const client = await say_to(tpool, clients[client_name].request({ turns: [{ user: 'hi' }] }, 'alpha/model-one', stream));
            const request = await alpha.arrived(before + 1);
            if (text) assert.ok(await client.until((t) => t.includes('word')), client.text);
            else await sleep(100);
            client[how]();
            assert.ok(await within(request.gone, 2000), 'the provider still works for nobody after 2 s');
            assert.equal(alpha.requests.length, before + 1);
            let record;
            for (const end = Date.now() + 2000 * slow; record?.outcome !== 'cancelled' && Date.now() < end; await sleep(20)) [record] = await tpool.records();
            assert.equal(record.outcome, 'cancelled');
          });
      const used = JSON.parse((await tpool.must(['limit', 'list', '--all', '--json'])).out);
      assert.doesNotMatch(JSON.stringify(used), /"in_use":[1-9]/, 'every permit was given back');
    });

world('leaving while a rate limit is waited for sends nothing more', alpha(() => fail(429, {}, { 'retry-after': '2' })), async (tpool, { alpha }) => {
  const client = await send(tpool, ask('hi'));
  await alpha.arrived(1);
  await sleep(200);
  client.close();
  await sleep(3500);
  assert.equal(alpha.requests.length, 1);
});

world('leaving in the middle of the request body leaves nothing behind', alpha([]), async (tpool, { alpha }) => {
  const before = tpool.descriptors();
  for (let i = 0; i < 20; i++) {
    const client = await RawClient.open(tpool.port);
    await client.send(`POST /v1/responses HTTP/1.1\r\nhost: 127.0.0.1:${tpool.port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{"model":`);
    client.reset();
  }
  const left = await tpool.descriptors_fall_to(before + 2) - before;
  assert.ok(left <= 2, `${left} descriptors are left`);
  assert.equal(alpha.requests.length, 0);
});

world('a client that reads slowly holds the provider back, not the memory', alpha([{ ...answer(say('y'.repeat(60 << 20))), piece: 64 << 10 }]), async (tpool, { alpha }) => {
  const before = tpool.memory();
  const client = await send(tpool, ask('hi'));
  await client.until((t) => t.includes('delta'));
  client.socket.pause();
  await sleep(1500);
  await tpool.has_grown_less(before, 16 << 10);
  assert.equal(alpha.last.answered_at, null, 'the provider is still writing');
  client.socket.resume();
  assert.ok(await client.until(() => client.size > 60 << 20, 60_000 * slow), `${client.size} bytes`);
  client.close();
});
