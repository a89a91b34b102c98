// What takes its time: heartbeats through long silences, and clients that never finish. Run side by side.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { clients } from './clients.mjs';
import { speech, words } from './misdeeds.mjs';
import { answer, say } from './turn.mjs';
import { RawClient } from './raw.mjs';
import { is_final_failure, parse_sse, read_stream } from './responses_client.mjs';
import { slow } from './tpool.mjs';
import { sleep } from './wire.mjs';
import { alpha, ask, world } from './world.mjs';

const post = (tpool, more, options) => tpool.request('POST', '/v1/responses', { body: ask('hi', more), limit_ms: 60_000, ...options });
// What may be lost on the way from a timer of the server's to a listener of ours.
const patience_ms = 1500 * slow;
// The way to the provider is no part of what is waited.
const opens_in_time = ({ requests: [asked] }, opened) => {
  const took = opened - asked.at;
  assert.ok(took < 15_000 + patience_ms, `opened after ${took} ms`);
};

describe('patience', { concurrency: true }, () => {
  for (const dialect of ['responses', 'chat']) {
    world(`a silent provider: the stream opens within 15 s and typed heartbeats keep it alive (${dialect})`,
      alpha([{ ...answer(say('late')), before_headers_ms: 33_000 }], { dialect, toml: 'timeouts = { first_byte = "60s" }' }), async (tpool, { alpha }) => {
        const seen = [];
        const reply = await post(tpool, {}, { limit_ms: 60_000, on_response: (response) => {
          seen.push(['headers', Date.now()]);
          response.on('data', (data) => parse_sse(data.toString()).forEach((e) => seen.push([JSON.parse(e.data).type, Date.now()])));
        } });
        opens_in_time(alpha, seen[0][1]);
        const gaps = seen.slice(1).map(([, at], i) => at - seen[i][1]);
        assert.ok(Math.max(...gaps) < 15_000 + patience_ms, `a gap without an event: ${gaps}`);
        assert.ok(seen.length >= 3, JSON.stringify(seen));
        assert.equal(read_stream(reply.text).text, 'late');
      });
  }

  for (const dialect of ['chat', 'responses']) {
    world(`a silent provider: a Chat client's stream is kept open and is one answer all the same (${dialect})`,
      alpha([{ ...answer(say('late')), before_headers_ms: 17_000 }], { dialect, toml: 'timeouts = { first_byte = "60s" }' }), async (tpool, { alpha }) => {
        let opened;
        const reply = await tpool.request('POST', '/v1/chat/completions', { limit_ms: 60_000, on_response: () => { opened = Date.now(); },
          body: { model: 'alpha/model-one', stream: true, messages: [{ role: 'user', content: 'hi' }] } });
        opens_in_time(alpha, opened);
        assert.match(reply.text, /^: /, 'nothing of an answer is said before there is one');
        const chunks = parse_sse(reply.text).filter((e) => e.data !== '[DONE]').map((e) => JSON.parse(e.data));
        assert.equal(new Set(chunks.map((c) => c.id)).size, 1, 'one id');
        const deltas = chunks.flatMap((c) => c.choices.map((choice) => choice.delta));
        assert.equal(deltas.filter((d) => d.role).length, 1, 'begun once');
        assert.equal(deltas.map((d) => d.content ?? '').join(''), 'late');
        assert.match(reply.text, /data: \[DONE\]\s*$/);
      });
  }

  for (const dialect of ['messages', 'chat']) {
    world(`a silent provider: pings keep a Messages client's stream open (${dialect})`,
      alpha([{ ...answer(say('late')), before_headers_ms: 17_000 }], { dialect, toml: 'timeouts = { first_byte = "60s" }' }), async (tpool, { alpha }) => {
        let opened;
        const { path, body, headers } = clients.messages.request({ turns: [{ user: 'hi' }] }, 'alpha/model-one', true);
        const reply = await tpool.request('POST', path, { body, headers, limit_ms: 60_000, on_response: () => { opened = Date.now(); } });
        opens_in_time(alpha, opened);
        assert.match(reply.text, /^event: ping\n/);
        assert.equal(clients.messages.read(reply, true).text, 'late');
      });
  }

  // What keeps a client's timer alive: events of a type where clients count those, for Chat anything.
  const beats = { responses: /^event: keepalive\n/, chat: /^: |^data: \{/, messages: /^event: ping\n/ };
  for (const [client, dialect] of [['responses', 'responses'], ['responses', 'chat'], ['chat', 'chat'], ['chat', 'messages'], ['messages', 'messages'], ['messages', 'responses']]) {
    world(`a pause after words: heartbeats come within 15 s and the answer goes on (${client} at ${dialect})`,
      alpha(() => speech(dialect, true).pauses(17_000), { dialect, toml: 'timeouts = { idle = "60s" }' }), async (tpool, { alpha }) => {
        const seen = [];
        const { path, body, headers } = clients[client].request({ turns: [{ user: 'hi' }] }, 'alpha/model-one', true);
        const reply = await tpool.request('POST', path, { body, headers, limit_ms: 60_000,
          on_response: (response) => response.on('data', (data) => seen.push([Date.now(), data.toString()])) });
        const began = seen.find(([, text]) => text.includes(words))[0];
        const [at, beat] = seen.find(([when]) => when - began > 1000);
        assert.ok(at - began < 16_500, `nothing for ${at - began} ms`);
        assert.match(beat, beats[client]);
        const got = clients[client].read(reply, true);
        assert.deepEqual([got.error, got.text, got.finish], [null, words, 'stop']);
        assert.equal(alpha.requests.length, 1);
      });
  }

  const keys = ['sk-silent-0123456789', 'sk-quick-0123456789'];
  const silent = { ...answer(say('never')), before_headers_ms: 60_000 };
  world('after the stream was opened for a silent key, another key may still answer', { providers: { alpha: { keys,
    turns: (request) => (request.key === keys[0] ? silent : answer(say('from the other key'))), toml: 'timeouts = { first_byte = "17s" }' } } },
    async (tpool, { alpha }) => {
      const reply = await post(tpool);
      assert.equal(reply.status, 200);
      const said = read_stream(reply.text);
      assert.equal(said.text, 'from the other key');
      assert.equal(said.end, 'completed');
      assert.equal(alpha.requests.length, 2);
    });

  world('after the stream was opened, a final error is said inside it', alpha(() => silent, { toml: 'timeouts = { first_byte = "17s" }' }), async (tpool) => {
    const reply = await post(tpool, {}, { limit_ms: 110_000 });
    assert.equal(reply.status, 200);
    assert.match(is_final_failure(read_stream(reply.text)).message, /alpha/);
  });

  world('slow and silent clients slow nobody and are gone within 90 s', alpha(() => answer(say('ok'))), async (tpool) => {
    const before = tpool.descriptors();
    const twenty = async () => {
      const from = Date.now();
      for (let i = 0; i < 20; i++) assert.equal((await tpool.request('POST', '/v1/responses', { body: ask('hi') })).status, 200);
      return Date.now() - from;
    };
    const usual_ms = await twenty();
    const opened = Date.now();
    const idle = await Promise.all(Array.from({ length: 400 }, () => RawClient.open(tpool.port)));
    const dripping = await Promise.all(Array.from({ length: 150 }, () => RawClient.open(tpool.port)));
    let drips = true;
    const drip = (async () => {
      for (let i = 0; drips; i++) {
        for (const client of dripping) if (!client.closed) await client.send(i === 0 ? 'POST /v1/responses HTTP/1.1\r\n' : `x-${i}: y\r\n`);
        await sleep(1000);
      }
    })();
    await sleep(500);
    const took_ms = await twenty();
    assert.ok(took_ms < Math.max(2000 * slow, 4 * usual_ms), `20 requests took ${took_ms} ms, alone ${usual_ms} ms`);
    const left = await tpool.descriptors_fall_to(before + 8, opened + 90_000 - Date.now()) - before;
    drips = false;
    await drip;
    [...idle, ...dripping].forEach((client) => client.close());
    assert.ok(left <= 8, `${left} descriptors are still held`);
  });
});
