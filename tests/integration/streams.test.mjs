// Answers that are odd but legal, with all a stream can hold. Those that go wrong are in misbehaviour.test.mjs.

import assert from 'node:assert/strict';
import { answer, call, say, think } from './turn.mjs';
import { parse_sse, read_stream } from './responses_client.mjs';
import { slow } from './tpool.mjs';
import { alpha, ask, world } from './world.mjs';

const post = (tpool, more, options) => tpool.request('POST', '/v1/responses', { body: ask('hi', more), ...options });
const text = 'Grüße 世界 🌍, with "quotes" and \\ slashes.';
const full = answer(think('Hm.'), say(text), call('look', { where: 'ü' }, { id: 'call_1' }));
const tools = [{ type: 'function', name: 'look', description: 'd', strict: false, parameters: { type: 'object', properties: { where: { type: 'string' } } } }];

const styles = {
  'CRLF line ends': { newline: '\r\n' },
  'bare CR line ends': { newline: '\r' },
  'a byte order mark': { bom: true },
  'no event names': { names: false },
  'comments between events': { comments: true },
  'data over several lines': { multi_line: true },
  'one byte at a time': { split: 1 },
  'three bytes at a time': { split: 3 },
  'a wrong content type': { content_type: 'application/octet-stream' },
  'no [DONE]': { done: false },
};

for (const dialect of ['responses', 'chat']) {
  for (const [name, style] of Object.entries(styles)) {
    world(`a stream with ${name} is understood (${dialect})`, alpha([{ ...full, style }], { dialect }), async (tpool) => {
      const reply = await post(tpool, { tools });
      const said = dialect === 'responses' && ['\r', '\r\n'].includes(style.newline)
        ? read_stream(reply.text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n').replaceAll('\r', '\n'))
        : read_stream(reply.text.replace(/^\ufeff/, ''));
      assert.equal(said.text, text);
      assert.equal(said.reasoning, 'Hm.');
      assert.equal(said.calls[0].call_id, 'call_1');
      assert.equal(said.end, 'completed');
      assert.ok(said.usage);
    });
  }
}

world('a slow paced stream arrives event by event, not at the end', alpha([{ ...answer(say('0123456789')), piece: 1, pace_ms: 100 }]), async (tpool) => {
  const times = [];
  await post(tpool, {}, { on_response: (response) => response.on('data', () => times.push(Date.now())) });
  assert.ok(times.length >= 8, `${times.length} reads`);
  assert.ok(times.at(-1) - times[0] >= 700, 'spread over the time it took');
});

world('a translated stream arrives event by event too', alpha([{ ...answer(say('0123456789')), piece: 1, pace_ms: 100 }], { dialect: 'chat' }), async (tpool) => {
  const times = [];
  await post(tpool, {}, { on_response: (response) => response.on('data', () => times.push(Date.now())) });
  assert.ok(times.length >= 8 && times.at(-1) - times[0] >= 700, `${times.length} reads`);
});

for (const dialect of ['responses', 'chat']) {
  world(`an event of 4 MiB in small pieces is not read quadratically (${dialect})`, alpha([{ ...answer(say('x'.repeat(4 << 20))), piece: 4 << 20, style: { split: 4096 } }], { dialect }),
    async (tpool) => {
      const from = Date.now();
      const said = read_stream((await post(tpool, {}, { limit_ms: 60_000 })).text);
      assert.equal(said.text.length, 4 << 20);
      assert.ok(Date.now() - from < 20_000 * slow);
    });
}

const opened = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n';
const endless = {
  'events that carry nothing': ['responses', `event: response.in_progress\ndata: {"type":"response.in_progress","pad":"${'x'.repeat(1 << 20)}"}\n\n`, {}],
  'comments': ['responses', `: ${'x'.repeat(1 << 20)}\n\n`, {}],
  'text that is translated': ['chat', `data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"${'x'.repeat(1 << 20)}"},"finish_reason":null}]}\n\n`, {}, 1],
  'text where a whole answer is wanted': ['chat', `data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"${'x'.repeat(1 << 20)}"},"finish_reason":null}]}\n\n`, { stream: false }],
};
for (const [name, [dialect, piece, more, asked = 2]] of Object.entries(endless))
  world(`${name}, without end, are refused with bounded memory`, alpha(() => ({ raw: [opened, ...Array.from({ length: 200 }, () => Buffer.from(piece)), 'cut'] }), { dialect }), async (tpool, { alpha }) => {
    let reply;
    const grown = await tpool.most_growth(async () => { reply = await post(tpool, more, { limit_ms: 60_000 }); });
    const end = reply.text.slice(-2000);
    assert.ok(reply.status >= 400 || end.includes('response.failed'), end);
    assert.match(end, /nothing of an answer|larger than 32 MiB/);
    assert.equal(alpha.requests.length, asked, 'without content it is asked once more, and no more');
    if (slow === 1) assert.ok(grown < 170 * 1024, `grew by ${grown} KiB`);
  });

world('many calls in one answer keep their order', alpha([answer(...Array.from({ length: 40 }, (_, i) => call('look', { where: String(i) }, { id: `call_${i}` })))], { dialect: 'chat' }), async (tpool) => {
  const said = read_stream((await post(tpool, { tools })).text);
  assert.deepEqual(said.calls.map((c) => JSON.parse(c.arguments).where), Array.from({ length: 40 }, (_, i) => String(i)));
});

world('the events of a translated stream open with response.created', alpha([full], { dialect: 'chat' }), async (tpool) => {
  const events = parse_sse((await post(tpool, { tools })).text).map((e) => e.event);
  assert.equal(events[0], 'response.created');
  assert.equal(events.at(-1), 'response.completed');
});
