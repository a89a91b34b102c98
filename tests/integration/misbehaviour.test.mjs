// Providers that misbehave: what the client sees before the first event, and after text was sent.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import zlib from 'node:zlib';
import { run } from './process.mjs';
import { answer, fail, say } from './turn.mjs';
import { is_final_error, is_final_failure, read_stream, read_whole } from './responses_client.mjs';
import { slow } from './tpool.mjs';
import { sleep } from './wire.mjs';
import { alpha, ask, world } from './world.mjs';

const post = (tpool, more) => tpool.request('POST', '/v1/responses', { body: ask('hi', more), limit_ms: 30_000 });
const keys = ['sk-first-0123456789', 'sk-second-0123456789'];
const good = answer(say('from the second key'));
const by_key = (first, second = good) => (request) => (request.key === keys[0] ? first : second);
const head = (...fields) => ['HTTP/1.1 200 OK', ...fields, '', ''].join('\r\n');
const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const sse = (data) => `${data.type ? `event: ${data.type}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

// What each dialect says first: enough to be an answer that has begun, and the way it would go on.
const message = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'partial', annotations: [], logprobs: [] }] };
const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'model-one', status: 'completed', output: [message], usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } };
const choice = (delta, finish_reason = null) => ({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'model-one', choices: [{ index: 0, delta, finish_reason }] });
const speaks = {
  responses: {
    begun: sse({ type: 'response.created', response: { ...response, status: 'in_progress', output: [] } }) +
      sse({ type: 'response.output_item.added', output_index: 0, item: { ...message, status: 'in_progress', content: [] } }) +
      sse({ type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'partial' }),
    rest: sse({ type: 'response.output_item.done', output_index: 0, item: message }) + sse({ type: 'response.completed', response }),
    whole: response,
    limited: sse({ type: 'response.failed', response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'slow down, try again in 3s' } } }),
  },
  chat: {
    begun: sse(choice({ role: 'assistant', content: 'partial' })),
    rest: sse(choice({}, 'stop')) + sse('[DONE]'),
    whole: { id: 'c', object: 'chat.completion', created: 1, model: 'model-one', choices: [{ index: 0, message: { role: 'assistant', content: 'partial' }, finish_reason: 'stop' }] },
    limited: sse({ error: { message: 'slow down, try again in 3s', type: 'rate_limit_error', code: 'rate_limit_exceeded' } }),
  },
};

for (const [dialect, { begun, rest, whole, limited }] of Object.entries(speaks)) {
  const stream = (...fields) => head('content-type: text/event-stream', 'transfer-encoding: chunked', ...fields);

  for (const status of [400, 413, 422]) {
    world(`a ${status} is told in the provider's words and sent once (${dialect})`,
      { providers: { alpha: { keys, dialect, turns: by_key(fail(status, { error: { message: 'the input has a flaw', code: 'flaw' } })) } } }, async (tpool, { alpha }) => {
        assert.match(is_final_error(await post(tpool)), /the input has a flaw/);
        assert.equal(alpha.requests.length, 1);
      });
  }

  world(`a model the provider does not have is a 404 in its words (${dialect})`,
    alpha(() => fail(404, { error: { message: 'The model model-one does not exist', code: 'model_not_found' } }), { dialect }), async (tpool, { alpha }) => {
      const reply = await post(tpool);
      assert.equal(reply.status, 404);
      assert.match(is_final_error(reply), /alpha/);
      assert.equal(alpha.requests.length, 1);
    });

  const moves_on = {
    'a 304': fail(304, ''),
    'a JSON array in a 200': { status: 200, body: '[]' },
    'half an object in a 200': { raw: [head('content-type: application/json', 'content-length: 500'), '{"id":', 'cut'] },
    'one interim answer after the other': { raw: [...Array.from({ length: 1000 }, () => 'HTTP/1.1 100 Continue\r\n\r\n'), 'cut'] },
    'a switch of protocols nobody asked for': { raw: ['HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n', 'cut'] },
    'a coding nobody asked for': { raw: [head('content-type: application/json', 'content-encoding: gzip', 'connection: close'), zlib.gzipSync(Buffer.alloc(50 << 20)), 'cut'] },
    'a chunk size of 2^64': { raw: [stream(), '10000000000000000\r\nx', 'cut'] },
    'a length of 2^64': { raw: [head('content-type: application/json', 'content-length: 18446744073709551616'), '{}', 'cut'] },
  };
  for (const [name, turn] of Object.entries(moves_on)) {
    world(`${name} moves the request to another key (${dialect})`, { providers: { alpha: { keys, dialect, turns: by_key(turn) } } }, async (tpool) => {
      const said = read_stream((await post(tpool)).text);
      assert.equal(said.text, 'from the second key');
      assert.equal(said.end, 'completed');
    });
  }

  for (const [name, turn, limits] of [
    ['before its head', { ...good, before_headers_ms: 30_000 }, '{ first_byte = "1s" }'],
    ['after its head', { ...good, before_first_event_ms: 30_000 }, '{ idle = "1s" }'],
  ]) {
    world(`a provider silent ${name} is left for another key (${dialect})`,
      { providers: { alpha: { keys, dialect, turns: by_key(turn), toml: `timeouts = ${limits}` } } }, async (tpool, { alpha }) => {
        assert.equal(read_stream((await post(tpool)).text).text, 'from the second key');
        await alpha.requests[0].gone;
      });
  }

  world(`an object where a stream was asked for is told as a stream (${dialect})`, alpha([{ status: 200, body: whole }], { dialect }), async (tpool) => {
    const said = read_stream((await post(tpool)).text);
    assert.equal(said.text, 'partial');
    assert.equal(said.end, 'completed');
  });

  world(`a stream where an object was asked for is told as an object (${dialect})`,
    alpha([{ raw: [stream(), chunk(begun), chunk(rest), '0\r\n\r\n'] }], { dialect }), async (tpool) => {
      assert.equal(read_whole((await post(tpool, { stream: false })).json()).text, 'partial');
    });

  world(`what follows the end of an answer is nobody's (${dialect})`,
    alpha([{ raw: [stream(), chunk(begun), chunk(rest + sse('{"type":"response.failed"}') + 'junk without an end'), '0\r\n\r\n'] }], { dialect }), async (tpool) => {
      const said = read_stream((await post(tpool)).text);
      assert.equal(said.text, 'partial');
      assert.equal(said.end, 'completed');
    });

  for (const [name, end] of Object.entries({
    'a bad chunk': 'zz\r\nabc\r\n',
    'a chunk longer than it says': '3\r\nabcdef\r\n',
    'the end of its framing': '0\r\n\r\n',
  })) {
    world(`${name} after text is a failure that may be repeated (${dialect})`, alpha([{ raw: [stream(), chunk(begun), 100, end, 'cut'] }], { dialect }), async (tpool, { alpha }) => {
      const said = read_stream((await post(tpool)).text);
      const error = is_final_failure(said);
      assert.match(error.message, /alpha/);
      assert.equal(error.code, 'server_error');
      assert.equal(alpha.requests.length, 1);
    });
  }

  world(`a rate limit after text keeps its code, which Codex waits for (${dialect})`, alpha([{ raw: [stream(), chunk(begun), chunk(limited), '0\r\n\r\n'] }], { dialect }), async (tpool) => {
    const error = is_final_failure(read_stream((await post(tpool)).text));
    assert.equal(error.code, 'rate_limit_exceeded');
    assert.match(error.message, /try again in 3/);
  });

  world(`a line without end after text is a failure with bounded memory (${dialect})`, alpha([{ raw: [stream(), chunk(begun),
    ...Array.from({ length: 80 }, () => chunk(`data: ${'x'.repeat(1 << 20)}`)), 'cut'] }], { dialect }), async (tpool) => {
    const before = tpool.memory();
    is_final_failure(read_stream((await post(tpool)).text));
    assert.ok(tpool.memory() - before < 100 * 1024, `grew by ${tpool.memory() - before} KiB`);
  });

  world(`a provider's other items are counted as lost (${dialect})`, alpha([{ status: 200,
    body: dialect === 'responses' ? { ...whole, output: [{ id: 'ws_1', type: 'web_search_call', status: 'completed' }, message] } : whole }],
  { dialect, namespaces: false }), async (tpool) => {
    const reply = await post(tpool, { stream: false });
    assert.equal(read_whole(reply.json()).text, 'partial');
    assert.equal(/output\.web_search_call dropped 1/.test(reply.headers['x-tpool-loss'] ?? ''), dialect === 'responses', reply.headers['x-tpool-loss']);
  });
}

world('a chat stream whose last choice has no finish_reason is not completed', alpha([{ raw: [head('content-type: text/event-stream', 'connection: close'),
  speaks.chat.begun, sse('[DONE]'), 'cut'] }], { dialect: 'chat' }), async (tpool) => {
  is_final_failure(read_stream((await post(tpool)).text));
});

world('a translated response repeats the settings of its request', alpha(() => answer(say('ok')), { dialect: 'chat' }), async (tpool) => {
  const set = { instructions: 'Be brief.', temperature: 0.5, metadata: { a: 'b' }, parallel_tool_calls: false,
    tools: [{ type: 'function', name: 'look', description: null, strict: false, parameters: { type: 'object', properties: {} } }] };
  const whole = (await post(tpool, { ...set, stream: false })).json();
  const said = read_stream((await post(tpool, set)).text);
  for (const response of [whole, said.response, said.events[0].response])
    for (const [name, value] of Object.entries(set)) assert.deepEqual(response[name], value, name);
});

world('one bad of two keys loses none of a thousand requests', { providers: { alpha: { keys, turns: by_key({ raw: ['reset'] }) } } }, async (tpool) => {
  for (let i = 0; i < 20; i++)
    for (const reply of await Promise.all(Array.from({ length: 50 }, () => post(tpool))))
      assert.equal(read_stream(reply.text).text, 'from the second key', reply.text);
});

// Starts the server with room for few descriptors and takes them all.
world('without descriptors nobody is accepted, nothing spins, and it goes on when there are some again', { ...alpha(() => answer(say('ok'))), serve: false }, async (tpool) => {
  await tpool.serve();
  const { pid } = tpool.server;
  // Somebody comes and leaves first: a sanitized build looks at a type it meets for the first time through a pipe.
  const idle = tpool.descriptors();
  const visitor = net.connect(tpool.port, '127.0.0.1', () => setTimeout(() => visitor.destroy(), 100 * slow));
  await new Promise((resolve) => visitor.on('close', resolve));
  for (const stop = Date.now() + 5000 * slow; tpool.descriptors() > idle && Date.now() < stop;) await sleep(20);
  const limited = await run('prlimit', ['--pid', String(pid), '--nofile=64:64'], {});
  assert.equal(limited.code, 0, limited.err);
  const open = Array.from({ length: 200 }, () => net.connect(tpool.port, '127.0.0.1').on('error', () => {}));
  const end = Date.now() + 5000 * slow;
  while (tpool.descriptors() < 60 && Date.now() < end) await sleep(20);
  const ticks = () => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((a, b) => a + Number(b), 0);
  const before = ticks();
  await sleep(2000);
  assert.ok(ticks() - before <= 20, `${ticks() - before} ticks of 10 ms in 2 s`);
  open.forEach((socket) => socket.destroy());
  let reply = { status: 0 };
  for (const stop = Date.now() + 10_000 * slow; reply.status !== 200 && Date.now() < stop; await sleep(50))
    reply = await post(tpool).catch(() => reply);
  assert.equal(reply.status, 200);
});
