// OpenAI's own SDK as the client, over every provider protocol: what its users do with both its APIs.

import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { dialect_names } from './fake_provider.mjs';
import { answer, call, fail, say, think } from './turn.mjs';
import { slow, token } from './tpool.mjs';
import { alpha, world } from './world.mjs';

const sdk = (tpool, options = {}) => new OpenAI({ apiKey: token, baseURL: `http://127.0.0.1:${tpool.port}/v1`, maxRetries: 0, ...options });
const model = 'alpha/model-one';
const parameters = { type: 'object', properties: { where: { type: 'string' } }, required: ['where'], additionalProperties: false };
const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false };
const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'hi' }];
const turn = { ...answer(think('Let me see.'), say('Hello, wörld! 🌍')), usage: { input: 11, cached: 4, output: 5, reasoning: 2 } };
const throws = async (promise, type) => {
  const error = await promise.then(() => assert.fail('nothing was thrown'), (e) => e);
  assert.ok(error instanceof type, `${error.constructor.name}: ${error.message}`);
  return error;
};

for (const dialect of dialect_names) {
  const over = (name, turns, body) => world(`${name} (over ${dialect})`, alpha(turns, { dialect }), (tpool, providers) => body(sdk(tpool), providers.alpha, tpool));

  over('chat: an answer, whole', () => turn, async (client) => {
    const made = await client.chat.completions.create({ model, messages });
    assert.equal(made.choices[0].message.content, 'Hello, wörld! 🌍');
    assert.deepEqual([made.usage.prompt_tokens, made.usage.prompt_tokens_details.cached_tokens, made.usage.total_tokens], [11, 4, 16]);
  });

  over('chat: an answer, streamed', () => turn, async (client) => {
    let text = '';
    let usage;
    for await (const chunk of await client.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } })) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.deepEqual([text, usage.completion_tokens], ['Hello, wörld! 🌍', 5]);
    const helper = client.chat.completions.stream({ model, messages });
    assert.equal(await helper.finalContent(), 'Hello, wörld! 🌍');
    assert.equal((await helper.finalChatCompletion()).choices[0].finish_reason, 'stop');
  });

  over('chat: tools run by the SDK itself', [answer(call('look', { where: 'x' }), call('look', { where: 'y' })), answer(say('Trees.'))], async (client, alpha) => {
    const seen = [];
    const runner = client.chat.completions.runTools({ model, messages, tools: [{ type: 'function',
      function: { name: 'look', description: 'Looks.', parameters, parse: JSON.parse, function: ({ where }) => { seen.push(where); return `a tree at ${where}`; } } }] });
    assert.equal(await runner.finalContent(), 'Trees.');
    assert.deepEqual(seen, ['x', 'y']);
    assert.ok(JSON.stringify(alpha.last.body).includes('a tree at y'));
  });

  over('chat: tools, streamed', [answer(say('Looking.'), call('look', { where: 'a "b" \\ ü' }, { id: 'call_a' }), call('look', { where: 'c' }, { id: 'call_b' }))], async (client) => {
    const helper = client.chat.completions.stream({ model, messages, tools: [{ type: 'function', function: { name: 'look', parameters } }] });
    const { message, finish_reason } = (await helper.finalChatCompletion()).choices[0];
    assert.equal(finish_reason, 'tool_calls');
    assert.equal(message.content, 'Looking.');
    assert.deepEqual(message.tool_calls.map((c) => JSON.parse(c.function.arguments)), [{ where: 'a "b" \\ ü' }, { where: 'c' }]);
  });

  over('chat: structured output', [answer(say('{"a":1}'))], async (client) => {
    const made = await client.chat.completions.parse({ model, messages, response_format: { type: 'json_schema', json_schema: { name: 'out', strict: true, schema } } });
    assert.deepEqual(JSON.parse(made.choices[0].message.content), { a: 1 });
  });

  over('responses: an answer, whole and streamed', () => turn, async (client) => {
    const made = await client.responses.create({ model, input: 'hi', instructions: 'Be brief.', store: false });
    assert.deepEqual([made.output_text, made.status, made.usage.total_tokens], ['Hello, wörld! 🌍', 'completed', 16]);
    const types = [];
    const helper = client.responses.stream({ model, input: 'hi', store: false });
    for await (const event of helper) types.push(event.type);
    const final = await helper.finalResponse();
    assert.equal(final.output_text, 'Hello, wörld! 🌍');
    for (const type of ['response.created', 'response.output_text.delta', 'response.completed']) assert.ok(types.includes(type), type);
  });

  over('responses: tools and their results', [answer(call('look', { where: 'x' }, { id: 'call_1' })), answer(say('A tree.'))], async (client) => {
    const tools = [{ type: 'function', name: 'look', description: 'Looks.', strict: true, parameters }];
    const first = await client.responses.create({ model, input: 'hi', tools, store: false });
    const made = first.output.find((item) => item.type === 'function_call');
    assert.deepEqual([made.call_id, JSON.parse(made.arguments)], ['call_1', { where: 'x' }]);
    const second = await client.responses.create({ model, tools, store: false,
      input: [{ role: 'user', content: 'hi' }, ...first.output, { type: 'function_call_output', call_id: made.call_id, output: 'a tree' }] });
    assert.equal(second.output_text, 'A tree.');
  });

  over('responses: structured output', [answer(say('{"a":1}'))], async (client) => {
    const made = await client.responses.parse({ model, input: 'hi', store: false, text: { format: { type: 'json_schema', name: 'out', strict: true, schema } } });
    assert.deepEqual(JSON.parse(made.output_text), { a: 1 });
  });

  over('errors are of the class the SDK has for them', [fail(429, { error: { message: 'slow down' } }, { 'retry-after': '600' })], async (client, alpha, tpool) => {
    const limited = await throws(client.chat.completions.create({ model, messages }), OpenAI.RateLimitError);
    assert.equal(limited.code, 'rate_limit_exceeded');
    assert.ok(Number(limited.headers.get('retry-after')) > 500);
    assert.equal((await throws(client.chat.completions.create({ model: 'nobody', messages }), OpenAI.NotFoundError)).code, 'model_not_found');
    assert.equal((await throws(client.responses.create({ model: 'nobody', input: 'hi' }), OpenAI.NotFoundError)).code, 'model_not_found');
    await throws(client.chat.completions.create({ model, messages: 'no list' }), OpenAI.BadRequestError).catch(() => {});
    assert.equal((await throws(sdk(tpool, { apiKey: 'wrong' }).chat.completions.create({ model, messages }), OpenAI.AuthenticationError)).code, 'invalid_api_key');
    await throws(client.chat.completions.create({ model, messages, n: 3 }, { headers: { origin: 'http://evil.example' } }), OpenAI.PermissionDeniedError);
  });

  over('an error inside a stream is thrown', () => ({ ...answer(say('Half a sentence, and then some more words that never come')), stop_after: 7, then: 'reset' }), async (client) => {
    let text = '';
    const read = async () => {
      for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) text += chunk.choices[0]?.delta.content ?? '';
    };
    const error = await throws(read(), OpenAI.APIError);
    assert.ok(error.message.length > 5);
    assert.ok(text.length > 0);
    const end = await client.responses.stream({ model, input: 'hi', store: false }).finalResponse().catch((e) => e);
    assert.ok(end instanceof OpenAI.OpenAIError || end.status === 'failed', String(end));
  });

  over('an abort reaches the provider', () => ({ ...answer(say('An answer that goes on and on without an end')), stop_after: 8, then: 'silence' }), async (client, alpha) => {
    for (const start of [() => client.chat.completions.create({ model, messages, stream: true }), () => client.responses.create({ model, input: 'hi', stream: true, store: false })]) {
      const stream = await start();
      const from = Date.now();
      for await (const _ of stream) { stream.controller.abort(); }
      await alpha.last.gone;
      assert.ok(alpha.last.gone_at && alpha.last.gone_at - from < 2000 * slow, 'the provider is left alone within 2 s');
    }
  });
}

world('the SDK lists the models', alpha([]), async (tpool) => {
  const ids = [];
  for await (const one of sdk(tpool).models.list()) ids.push(one.id);
  assert.deepEqual(ids, ['alpha/model-one']);
});
