// Anthropic's own SDK as the client, over every provider protocol.

import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { dialect_names } from './fake_provider.mjs';
import { answer, call, fail, say, think } from './turn.mjs';
import { slow, token } from './tpool.mjs';
import { alpha, world } from './world.mjs';

const sdk = (tpool, options = {}) => new Anthropic({ apiKey: token, authToken: null, baseURL: `http://127.0.0.1:${tpool.port}`, maxRetries: 0, ...options });
const input_schema = { type: 'object', properties: { where: { type: 'string' } }, required: ['where'], additionalProperties: false };
const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false };
const base = { model: 'alpha/model-one', max_tokens: 8192, system: 'Be brief.', messages: [{ role: 'user', content: 'hi' }] };
const thinking = { type: 'enabled', budget_tokens: 2048 };
const turn = { ...answer(think('Let me see.'), say('Hello, wörld! 🌍')), usage: { input: 11, cached: 4, output: 5, reasoning: 2 } };
const throws = async (promise, type) => {
  const error = await promise.then(() => assert.fail('nothing was thrown'), (e) => e);
  assert.ok(error instanceof type, `${error.constructor.name}: ${error.message}`);
  return error;
};
const texts = (message) => message.content.filter((b) => b.type === 'text').map((b) => b.text).join('');

for (const dialect of dialect_names) {
  const over = (name, turns, body) => world(`${name} (over ${dialect})`, alpha(turns, { dialect }), (tpool, providers) => body(sdk(tpool), providers.alpha, tpool));

  over('an answer, whole', () => turn, async (client) => {
    const made = await client.messages.create({ ...base, thinking });
    assert.equal(texts(made), 'Hello, wörld! 🌍');
    assert.equal(made.content[0].thinking, 'Let me see.');
    assert.deepEqual([made.stop_reason, made.usage.input_tokens, made.usage.cache_read_input_tokens, made.usage.output_tokens], ['end_turn', 7, 4, 5]);
  });

  over('an answer, streamed', () => turn, async (client) => {
    const seen = [];
    const stream = client.messages.stream({ ...base, thinking }).on('text', (text) => seen.push(text));
    const made = await stream.finalMessage();
    assert.deepEqual([seen.join(''), texts(made)], ['Hello, wörld! 🌍', 'Hello, wörld! 🌍']);
    assert.deepEqual([made.content[0].type, made.stop_reason, made.usage.output_tokens], ['thinking', 'end_turn', 5]);
    const types = new Set();
    for await (const event of await client.messages.create({ ...base, stream: true })) types.add(event.type);
    for (const type of ['message_start', 'content_block_delta', 'message_delta', 'message_stop']) assert.ok(types.has(type), type);
  });

  over('tools and their results', [answer(say('Looking.'), call('look', { where: 'a "b" \\ ü' }, { id: 'call_a' }), call('look', { where: 'c' }, { id: 'call_b' })), answer(say('Trees.'))], async (client, alpha) => {
    const tools = [{ name: 'look', description: 'Looks.', input_schema }];
    const first = await client.messages.stream({ ...base, tools }).finalMessage();
    const calls = first.content.filter((b) => b.type === 'tool_use');
    assert.equal(first.stop_reason, 'tool_use');
    assert.deepEqual(calls.map((c) => c.input), [{ where: 'a "b" \\ ü' }, { where: 'c' }]);
    const results = [...calls].reverse().map((c) => ({ type: 'tool_result', tool_use_id: c.id, content: `a tree at ${c.input.where}`, is_error: c.input.where === 'c' }));
    const second = await client.messages.create({ ...base, tools, messages: [...base.messages, { role: 'assistant', content: first.content }, { role: 'user', content: results }] });
    assert.equal(texts(second), 'Trees.');
    assert.ok(JSON.stringify(alpha.last.body).includes('a tree at c'));
  });

  over('structured output', [answer(say('{"a":1}'))], async (client, alpha) => {
    const made = await client.messages.create({ ...base, output_config: { format: { type: 'json_schema', schema } } });
    assert.deepEqual(JSON.parse(texts(made)), { a: 1 });
    assert.match(JSON.stringify(alpha.last.body), /integer/i);
  });

  over('errors are of the class the SDK has for them', [fail(429, { error: { message: 'slow down' } }, { 'retry-after': '600' })], async (client, alpha, tpool) => {
    const limited = await throws(client.messages.create(base), Anthropic.RateLimitError);
    assert.equal(limited.error.error.type, 'rate_limit_error');
    assert.ok(Number(limited.headers.get('retry-after')) > 500);
    await throws(client.messages.create({ ...base, model: 'nobody' }), Anthropic.NotFoundError);
    await throws(sdk(tpool, { apiKey: 'wrong' }).messages.create(base), Anthropic.AuthenticationError);
    await throws(client.messages.create(base, { headers: { origin: 'http://evil.example' } }), Anthropic.PermissionDeniedError);
    if (dialect !== 'messages') await throws(client.messages.countTokens({ model: base.model, messages: base.messages }), Anthropic.NotFoundError);
  });

  over('an error inside a stream is thrown', () => ({ ...answer(say('Half a sentence, and then some more words that never come')), stop_after: 7, then: 'reset' }), async (client) => {
    let text = '';
    const stream = client.messages.stream(base).on('text', (piece) => { text += piece; });
    await throws(stream.finalMessage(), Anthropic.APIError);
    assert.ok(text.length > 0);
  });

  over('an abort reaches the provider', () => ({ ...answer(say('Without an end')), stop_after: 9, then: 'silence' }), async (client, alpha) => {
    const stream = await client.messages.create({ ...base, stream: true });
    const from = Date.now();
    for await (const _ of stream) stream.controller.abort();
    await alpha.last.gone;
    assert.ok(alpha.last.gone_at && alpha.last.gone_at - from < 2000 * slow, 'the provider is left alone within 2 s');
  });
}

world('the SDK counts tokens', alpha([{ ...answer(), usage: { input: 77 } }], { dialect: 'messages' }), async (tpool) => {
  assert.deepEqual(await sdk(tpool).messages.countTokens({ model: base.model, messages: base.messages }), { input_tokens: 77 });
});
