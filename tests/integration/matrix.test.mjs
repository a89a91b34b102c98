// Every client protocol at every provider protocol: the same conversations, streamed and whole.
//
// A conversation is said in the client's words (clients.mjs), must reach the fake provider as a request
// that its protocol allows and that says the same, and its answer must come back with its meaning.

import assert from 'node:assert/strict';
import { clients } from './clients.mjs';
import { dialect_names } from './fake_provider.mjs';
import { RawClient } from './raw.mjs';
import { slow, token } from './tpool.mjs';
import { answer, call, say, think } from './turn.mjs';
import { world } from './world.mjs';

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const image = `data:image/png;base64,${pixel}`;
const parameters = { type: 'object', properties: { where: { type: 'string', description: 'A place.' } }, required: ['where'], additionalProperties: false };
const tools = [{ name: 'look', description: 'Looks around.', parameters }, { name: 'dig', description: 'Digs.', parameters }];
const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false };
const usage = { input: 110, cached: 40, output: 25, reasoning: 0 };
const odd = 'a "b" \\ ü 🌍\n\t';

// The request as one text, in which the words of a conversation are looked for.
const told = (request) => JSON.stringify(request.body);
const quoted = (text) => JSON.stringify(text).slice(1, -1);
const says = (request, ...texts) => {
  for (const text of texts) assert.ok(told(request).includes(quoted(text)), `${text} is lost: ${told(request)}`);
};
const in_order = (request, ...texts) => {
  const places = texts.map((text) => told(request).indexOf(quoted(text)));
  assert.deepEqual(places, [...places].sort((a, b) => a - b), `out of order: ${texts.join(', ')} in ${told(request)}`);
};
const count = (request, text) => told(request).split(text).length - 1;

const hello = [{ system: 'You are terse.' }, { user: 'hi' }];
const round = (results) => [...hello, { calls: [{ id: 'call_a', name: 'look', args: { where: odd } }, { id: 'call_b', name: 'dig', args: { where: 'there' } }], text: 'I look.' }, { results }];

const long = Array.from({ length: 60 }, (_, i) => [{ user: `question ${i}.` },
  ...(i % 3 === 0 ? [{ calls: [{ id: `call_${i}`, name: 'look', args: { where: `place ${i}.` } }] }, { results: [{ id: `call_${i}`, text: `result ${i}.` }] }] : []),
  { assistant: `answer ${i}.` }]).flat();

const cases = {
  'text': { ask: { turns: hello }, turn: { ...answer(say('Hello, wörld! 🌍')), usage },
    sent: (request) => { says(request, 'You are terse.', 'hi'); assert.equal(count(request, '"tools"'), 0); },
    said: (got) => { assert.equal(got.text, 'Hello, wörld! 🌍'); assert.equal(got.finish, 'stop'); assert.deepEqual(got.usage, usage); } },
  'system and developer words in the middle': { ask: { turns: [...hello, { assistant: 'Hello.' }, { developer: 'Now in French.' }, { user: 'again' }, { assistant: 'Bonjour.' }, { system: 'Now in German.' }, { user: 'once more' }] },
    turn: answer(say('Hallo.')),
    sent: (request) => { says(request, 'You are terse.', 'Now in French.', 'Now in German.', 'once more'); in_order(request, 'Hello.', 'Now in French.', 'again', 'Bonjour.', 'Now in German.', 'once more'); },
    said: (got) => assert.equal(got.text, 'Hallo.') },
  'one tool': { ask: { turns: hello, tools }, turn: answer(say('Looking.'), call('look', { where: odd }, { id: 'call_1' })),
    sent: (request) => says(request, 'Looks around.', 'A place.', 'dig'),
    said: (got) => { assert.equal(got.text, 'Looking.'); assert.equal(got.finish, 'tools'); assert.deepEqual(got.calls.map(({ name, args }) => ({ name, args })), [{ name: 'look', args: { where: odd } }]); } },
  'a tool that must be called': { ask: { turns: hello, tools, choice: { name: 'dig' } }, turn: answer(call('dig', { where: 'x' })),
    sent: (request) => assert.ok(count(request, 'dig') >= 2, told(request)), said: (got) => assert.equal(got.calls[0].name, 'dig') },
  'parallel tools': { ask: { turns: hello, tools }, turn: answer(call('look', { where: 'here' }), call('dig', { where: 'there' }), call('look', { where: 'everywhere' })),
    said: (got) => { assert.deepEqual(got.calls.map((c) => [c.name, c.args.where]), [['look', 'here'], ['dig', 'there'], ['look', 'everywhere']]); assert.equal(new Set(got.calls.map((c) => c.id)).size, 3); } },
  'results of parallel tools': { ask: { turns: round([{ id: 'call_a', text: 'a tree' }, { id: 'call_b', text: 'a hole' }]), tools }, turn: answer(say('Done.')),
    sent: (request) => { says(request, 'I look.', 'a tree', 'a hole'); in_order(request, 'I look.', 'a tree', 'a hole'); }, said: (got) => assert.equal(got.text, 'Done.') },
  'results in another order': { ask: { turns: round([{ id: 'call_b', text: 'a hole' }, { id: 'call_a', text: 'a tree' }]), tools }, turn: answer(say('Done.')),
    sent: (request) => says(request, 'a tree', 'a hole'), said: (got) => assert.equal(got.text, 'Done.') },
  'a tool that failed': { ask: { turns: round([{ id: 'call_a', text: 'no such place', failed: true }, { id: 'call_b', text: '' }]), tools }, turn: answer(say('Sorry.')),
    sent: (request) => says(request, 'no such place'), said: (got) => assert.equal(got.text, 'Sorry.') },
  'an image, and one from a tool': { ask: { turns: [{ user: 'See.', image }, ...round([{ id: 'call_a', text: 'a photo', image }, { id: 'call_b', text: 'nothing' }]).slice(2)], tools }, turn: answer(say('Seen.')),
    sent: (request) => { says(request, 'See.', 'a photo'); assert.equal(count(request, pixel), 2, 'both pictures are told'); }, said: (got) => assert.equal(got.text, 'Seen.') },
  'reasoning on': { ask: { turns: hello, effort: 'high' }, turn: { ...answer(think('Let me see.'), say('Yes.')), usage: { ...usage, reasoning: 12 } },
    said: (got) => { assert.equal(got.reasoning, 'Let me see.'); assert.equal(got.text, 'Yes.'); } },
  'reasoning off': { ask: { turns: hello, effort: 'none' }, turn: answer(say('Yes.')), said: (got) => assert.equal(got.text, 'Yes.') },
  'a JSON schema': { ask: { turns: hello, schema }, turn: answer(say('{"a":1}')), sent: (request) => assert.match(told(request), /integer/i),
    said: (got) => assert.deepEqual(JSON.parse(got.text), { a: 1 }) },
  'a long history': { ask: { turns: [{ system: 'You are terse.' }, ...long, { user: 'the last question' }], tools }, turn: answer(say('The end.')),
    sent: (request) => in_order(request, ...long.flatMap((t) => [t.user, t.assistant, t.results?.[0].text].filter(Boolean)), 'the last question'),
    said: (got) => assert.equal(got.text, 'The end.') },
  'an answer cut by its limit': { ask: { turns: hello, max: 32 }, turn: { ...answer(say('Cut sho')), finish: 'length' },
    sent: (request) => assert.match(told(request), /:32[,}]/),
    said: (got) => { assert.equal(got.text, 'Cut sho'); assert.equal(got.finish, 'length'); } },
  'a refusal': { ask: { turns: hello }, turn: { ...answer(say('I may not.')), finish: 'content_filter' },
    said: (got) => assert.equal(got.finish, 'refused') },
};

// How each dialect says in the middle of an answer that it broke down.
const broke = 'the engine broke down';
const breakdown = {
  responses: { event: 'error', data: JSON.stringify({ type: 'error', code: 'server_error', message: broke, param: null }) },
  chat: { data: JSON.stringify({ error: { message: broke, type: 'server_error', code: null } }) },
  messages: { event: 'error', data: JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: broke } }) },
  gemini: { data: JSON.stringify({ error: { code: 503, message: broke, status: 'UNAVAILABLE' } }) },
};
const half = 'Half a sentence, and then some more words that never come to their end';

for (const [client_name, client] of Object.entries(clients)) {
  for (const dialect of dialect_names) {
    world(`${client_name} at ${dialect}: an answer that breaks off is a failure, and not an end`, { providers: { alpha: { dialect } } }, async (tpool, { alpha }) => {
      for (const [how, then] of Object.entries({ 'is reset': 'reset', 'is cut': 'cut', 'just ends': 'end', 'tells an error': { event: breakdown[dialect] } })) {
        alpha.turns = [{ ...answer(say(half)), pace_ms: 10, stop_after: 8, then }];
        const { path, body, headers } = client.request({ turns: hello }, 'alpha/model-one', true);
        const reply = await tpool.request('POST', path, { body, headers });
        const got = client.read(reply, true);
        assert.ok(got.error?.message.length > 10, `${how}: ${reply.text}`);
        assert.ok(got.text.length > 0 && half.startsWith(got.text), `${how}: what was said is told, once: ${reply.text}`);
        if (then.event) assert.match(got.error.message, new RegExp(broke), reply.text);
      }
      for (const [how, raw] of Object.entries({ 'is cut': ['HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"id":"x",', 'cut'],
        'is no JSON': ['HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\nconnection: close\r\n\r\n{"id"', 'cut'] })) {
        alpha.turns = () => ({ raw });
        const { path, body, headers } = client.request({ turns: hello }, 'alpha/model-one', false);
        const reply = await tpool.request('POST', path, { body, headers });
        assert.ok(reply.status >= 400, `${how}: ${reply.text}`);
        assert.ok(reply.json().error.message.length > 10, `${how}: ${reply.text}`);
      }
    });

    const queue = [];
    world(`${client_name} at ${dialect}`, { providers: { alpha: { dialect, turns: () => queue.shift() } } }, async (tpool, { alpha }) => {
      for (const [name, one] of Object.entries(cases)) {
        for (const stream of [true, false]) {
          const where = `${name} (${stream ? 'streamed' : 'whole'})`;
          queue.push(one.turn);
          const { path, body, headers } = client.request(one.ask, 'alpha/model-one', stream);
          const reply = await tpool.request('POST', path, { body, headers });
          try {
            alpha.expect_clean();
            assert.equal(reply.status, 200, reply.text);
            one.sent?.(alpha.last);
            one.said(client.read(reply, stream));
          } catch (error) {
            error.message = `${where}: ${error.message}`;
            throw error;
          }
        }
      }
    });

    for (const stream of [true, false]) {
      world(`${client_name} at ${dialect}: leaving reaches the provider (${stream ? 'streamed' : 'whole'})`, { providers: { alpha: { dialect,
        turns: [stream ? { ...answer(say('An answer that goes on and on without an end')), stop_after: 8, then: 'silence' } : { ...answer(say('Late')), before_headers_ms: 20_000 }] } } }, async (tpool, { alpha }) => {
        const { path, body, headers } = client.request({ turns: hello }, 'alpha/model-one', stream);
        const bytes = JSON.stringify(body);
        const raw = await RawClient.open(tpool.port);
        await raw.send([`POST ${path} HTTP/1.1`, `host: 127.0.0.1:${tpool.port}`, `authorization: Bearer ${token}`, 'content-type: application/json',
          ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`), `content-length: ${Buffer.byteLength(bytes)}`, '', bytes].join('\r\n'));
        const request = await alpha.arrived(1);
        if (stream) assert.ok(await raw.until((text) => text.includes('data:')), raw.text);
        const from = Date.now();
        raw.close();
        await request.gone;
        assert.ok(request.gone_at - from < 2500 * slow, 'the provider is left alone within 2 s');
      });
    }
  }
}
