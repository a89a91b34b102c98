// Thousands of streams whose providers fail at random: nothing is said twice, nothing is put together
// from two answers, and each stream ends as an answer or as a failure.

import assert from 'node:assert/strict';
import { clients } from './clients.mjs';
import { dialect_names } from './fake_provider.mjs';
import { parse_sse } from './responses_client.mjs';
import { slow } from './tpool.mjs';
import { answer, fail, say } from './turn.mjs';
import { world } from './world.mjs';

const streams_per_pair = Math.ceil(10_000 / 12 / slow);
const at_once = 24;

// Mulberry32: the same faults in every run.
const random_of = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

// Every attempt's text is its own, and every word of it names its place.
const text_of = (attempt, words) => Array.from({ length: words }, (_, i) => `<${attempt}.${i}>`).join(' ');

const faults = [
  (turn) => turn, (turn) => turn, (turn) => turn, (turn) => turn, (turn) => turn,
  (turn, random) => ({ ...turn, stop_after: Math.floor(random() * 24), then: 'cut' }),
  (turn, random) => ({ ...turn, stop_after: Math.floor(random() * 24), then: 'end' }),
  (turn, random) => ({ ...turn, stop_after: Math.floor(random() * 24), then: { event: { data: '{"half":' } } }),
  (turn, random) => ({ ...turn, style: { split: 1 + Math.floor(random() * 40) } }),
  () => fail(500, { error: { message: 'broken' } }),
  () => ({ raw: ['cut'] }),
];

// What the deltas of a stream add up to, and how it ended.
const told = {
  responses(events) {
    const last = events.at(-1)?.type;
    return { text: events.filter((e) => e.type === 'response.output_text.delta').map((e) => e.delta).join(''),
      end: { 'response.completed': 'answer', 'response.failed': 'failure' }[last] };
  },
  chat(events) {
    return { text: events.map((e) => e.choices?.[0]?.delta.content ?? '').join(''),
      end: events.at(-1) === '[DONE]' ? 'answer' : events.at(-1)?.error ? 'failure' : undefined };
  },
  messages(events) {
    return { text: events.filter((e) => e.delta?.type === 'text_delta').map((e) => e.delta.text).join(''),
      end: { message_stop: 'answer', error: 'failure' }[events.at(-1)?.type] };
  },
};

for (const client_name of Object.keys(clients)) {
  for (const dialect of dialect_names) {
    const random = random_of(client_name.length * 100 + dialect.length);
    const attempts = new Map();
    const turn = () => {
      const attempt = attempts.size;
      const text = text_of(attempt, 2 + Math.floor(random() * 12));
      attempts.set(String(attempt), text);
      return faults[Math.floor(random() * faults.length)](answer(say(text)), random);
    };
    const keys = ['one', 'two', 'three', 'four'].map((name) => `sk-${name}-0123456789`);
    world(`streams that fail anywhere are neither repeated nor put together (${client_name} to ${dialect})`,
      { providers: { alpha: { dialect, keys, turns: turn } } }, async (tpool) => {
        const ends = { answer: 0, failure: 0, refused: 0 };
        const one = async () => {
          const { path, headers, body } = clients[client_name].request({ turns: [{ user: 'go' }] }, 'alpha/model-one', true);
          const reply = await tpool.request('POST', path, { body, headers, limit_ms: 90_000 });
          if (reply.status !== 200) {
            assert.ok(reply.json().error.message.length > 10, reply.text);
            ends.refused += 1;
            return;
          }
          const { text, end } = told[client_name](parse_sse(reply.text).map(({ data }) => (data === '[DONE]' ? data : JSON.parse(data))));
          assert.ok(end, `a stream without an end: ${reply.text.slice(-600)}`);
          ends[end] += 1;
          const attempt = /^<(\d+)/.exec(text)?.[1];
          if (attempt === undefined) return assert.ok(end === 'failure' || text.length < 3, reply.text);
          const whole = attempts.get(attempt);
          assert.equal(text, end === 'answer' ? whole : whole.slice(0, text.length));
        };
        let left = streams_per_pair;
        await Promise.all(Array.from({ length: at_once }, async () => { while (left-- > 0) await one(); }));
        assert.ok(ends.answer > streams_per_pair / 2 && ends.failure > streams_per_pair / 20, JSON.stringify(ends));
      });
  }
}
