// The translate lane: a Responses client at a Chat provider, every meaning there and back.

import assert from 'node:assert/strict';
import { answer, call, custom_call, say, think } from './turn.mjs';
import { provider_toml } from './tpool.mjs';
import { read_stream, read_whole } from './responses_client.mjs';
import { alpha, ask, world } from './world.mjs';

const chat = (turns, more = {}) => alpha(turns, { dialect: 'chat', ...more });
const post = async (tpool, body) => {
  const reply = await tpool.request('POST', '/v1/responses', { body });
  assert.equal(reply.status, 200, reply.text);
  return body.stream ? read_stream(reply.text) : read_whole(reply.json());
};
const parameters = { type: 'object', properties: { where: { type: 'string' } }, required: ['where'], additionalProperties: false };
const look = { type: 'function', name: 'look', description: 'Looks.', strict: false, parameters };

const hello = { ...answer(think('Let me see.'), say('Hello, wörld! 🌍')), usage: { input: 11, cached: 4, output: 5, reasoning: 2 } };
for (const stream of [true, false]) {
  world(`text, reasoning and usage come back (${stream ? 'streamed' : 'whole'})`, chat([hello]), async (tpool, { alpha }) => {
    const said = await post(tpool, ask('hi', { stream, instructions: 'Be brief.' }));
    assert.equal(said.text, 'Hello, wörld! 🌍');
    assert.equal(said.reasoning, 'Let me see.');
    assert.equal(said.end, 'completed');
    assert.deepEqual(said.usage, { input_tokens: 11, input_tokens_details: { cached_tokens: 4 }, output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 2 }, total_tokens: 16 });
    const { body } = alpha.last;
    assert.equal(body.model, 'model-one');
    assert.deepEqual(body.messages.map((m) => m.role), ['system', 'user']);
    assert.equal(Boolean(body.stream), stream);
    if (stream) assert.equal(body.stream_options?.include_usage, true);
  });

  world(`parallel calls come back with their ids (${stream ? 'streamed' : 'whole'})`, chat([
    answer(say('Looking.'), call('look', { where: 'a "b" \\ ü' }, { id: 'call_a' }), call('look', '{ "where" : "c" }', { id: 'call_b' })),
  ]), async (tpool) => {
    const said = await post(tpool, ask('hi', { stream, tools: [look], parallel_tool_calls: true, tool_choice: 'auto' }));
    assert.deepEqual(said.calls.map((c) => [c.type, c.call_id, c.name]), [['function_call', 'call_a', 'look'], ['function_call', 'call_b', 'look']]);
    assert.deepEqual(said.calls.map((c) => JSON.parse(c.arguments)), [{ where: 'a "b" \\ ü' }, { where: 'c' }]);
    assert.equal(said.text, 'Looking.');
  });

  world(`a custom tool is a function with one string and comes back custom (${stream ? 'streamed' : 'whole'})`, chat([
    answer(custom_call('apply_patch', '*** Begin Patch\n+"tab"\there ü 🌍\\n\n*** End Patch\n', { id: 'call_p' })),
  ]), async (tpool) => {
    const said = await post(tpool, ask('hi', { stream, tools: [{ type: 'custom', name: 'apply_patch', description: 'Patches.',
      format: { type: 'grammar', syntax: 'lark', definition: 'start: /(.|\\n)+/' } }] }));
    assert.deepEqual(said.calls.map((c) => [c.type, c.name, c.call_id, c.input]),
      [['custom_tool_call', 'apply_patch', 'call_p', '*** Begin Patch\n+"tab"\there ü 🌍\\n\n*** End Patch\n']]);
  });

  world(`namespaced tools are flattened and come back with their namespace (${stream ? 'streamed' : 'whole'})`, chat((request) => {
    const names = request.body.tools.map((t) => t.function.name);
    assert.equal(new Set(names).size, names.length);
    return answer(...names.map((name, i) => call(name, {}, { id: `call_${i}` })));
  }), async (tpool) => {
    const long = 'a_tool_with_a_name_that_is_almost_sixty_four_characters_long_ok';
    const inner = (name) => ({ type: 'function', name, description: name, strict: false, parameters: { type: 'object', properties: {} } });
    const tools = [inner('echo'), inner('mcp__one__echo'),
      { type: 'namespace', name: 'mcp__one', description: 'n', tools: [inner('echo'), inner(long)] },
      { type: 'namespace', name: 'mcp__two', description: 'n', tools: [inner('echo'), inner(long)] }];
    const said = await post(tpool, ask('hi', { stream, tools }));
    assert.deepEqual(new Set(said.calls.map((c) => `${c.namespace ?? '-'}/${c.name}`)),
      new Set(['-/echo', '-/mcp__one__echo', 'mcp__one/echo', `mcp__one/${long}`, 'mcp__two/echo', `mcp__two/${long}`]));
  });

  world(`a length limit keeps the text (${stream ? 'streamed' : 'whole'})`, chat([{ ...answer(say('Cut sho')), finish: 'length' }]), async (tpool) => {
    const said = await post(tpool, ask('hi', { stream }));
    assert.equal(said.text, 'Cut sho');
    assert.ok(['completed', 'incomplete'].includes(said.end));
  });
}

world('a whole history is told: calls, outputs, pictures, developer words in the middle', chat([answer(say('ok'))]), async (tpool, { alpha }) => {
  const pixel = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  await post(tpool, ask([
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'You are terse.' }] },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'see' }, { type: 'input_image', image_url: pixel, detail: 'high' }] },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I look.' }] },
    { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{"where":"x"}' },
    { type: 'custom_tool_call', call_id: 'c2', name: 'apply_patch', input: 'the patch' },
    { type: 'function_call', call_id: 'c3', name: 'echo', namespace: 'mcp__one', arguments: '{not json' },
    { type: 'function_call_output', call_id: 'c1', output: [{ type: 'input_text', text: 'a tree' }, { type: 'input_image', image_url: pixel }] },
    { type: 'custom_tool_call_output', call_id: 'c2', output: 'patched' },
    { type: 'function_call_output', call_id: 'c3', output: 'bad arguments' },
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: '<model_switch>' }] },
    { type: 'message', role: 'user', content: 'go on' },
  ], { tools: [look, { type: 'custom', name: 'apply_patch', description: 'p' },
    { type: 'namespace', name: 'mcp__one', description: 'n', tools: [{ type: 'function', name: 'echo', description: 'e', strict: false, parameters }] }] }));
  const { messages } = alpha.last.body;
  const told = JSON.stringify(messages);
  for (const text of ['You are terse.', 'see', 'I look.', 'a tree', 'the patch', 'patched', 'bad arguments', '<model_switch>', 'go on'])
    assert.ok(told.includes(text), `${text} is lost: ${told}`);
  assert.equal(told.split('data:image/png').length - 1, 2, 'both pictures are told');
  const calls = messages.find((m) => m.tool_calls).tool_calls;
  assert.deepEqual(calls.map((c) => c.id), ['c1', 'c2', 'c3']);
  assert.deepEqual(messages.filter((m) => m.role === 'tool').map((m) => m.tool_call_id), ['c1', 'c2', 'c3']);
});

world('a JSON schema becomes a response format', chat([answer(say('{"a":1}'))]), async (tpool, { alpha }) => {
  const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false };
  await post(tpool, ask('hi', { text: { format: { type: 'json_schema', name: 'out', strict: true, schema }, verbosity: 'low' } }));
  assert.deepEqual(alpha.last.body.response_format, { type: 'json_schema', json_schema: { name: 'out', strict: true, schema } });
});

world('web_search is dropped and counted; an effort of none is left out', chat([answer(say('ok'))]), async (tpool, { alpha }) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi', {
    tools: [{ type: 'web_search', external_web_access: true }], tool_choice: 'auto', parallel_tool_calls: true, reasoning: { effort: 'none', summary: 'auto' },
    include: ['reasoning.encrypted_content'], store: false, prompt_cache_key: 'k', client_metadata: { a: 'b' } }) });
  assert.equal(reply.status, 200, reply.text);
  assert.ok(reply.headers['x-tpool-loss'], 'the loss is told');
  for (const name of ['tools', 'tool_choice', 'parallel_tool_calls', 'reasoning_effort']) assert.equal(alpha.last.body[name], undefined, name);
});

world('an effort is passed on', chat([answer(say('ok'))]), async (tpool, { alpha }) => {
  await post(tpool, ask('hi', { reasoning: { effort: 'high' } }));
  assert.equal(alpha.last.body.reasoning_effort, 'high');
});

world('tools: [] with tool_choice auto vanishes', chat([answer(say('ok'))]), async (tpool, { alpha }) => {
  await post(tpool, ask('hi', { tools: [], tool_choice: 'auto', parallel_tool_calls: true }));
  assert.deepEqual(['tools', 'tool_choice', 'parallel_tool_calls'].filter((n) => n in alpha.last.body), []);
});

world('a stored response that nobody holds is refused before sending', chat([]), async (tpool, { alpha }) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi', { previous_response_id: 'resp_unknown' }) });
  assert.equal(reply.status, 400);
  assert.equal(reply.json().error.code, 'previous_response_not_found');
  assert.equal(alpha.requests.length, 0);
});

world('reasoning comes back sealed and is replayed to its provider within the turn', chat([
  answer(think('A private thought.'), call('look', { where: 'x' }, { id: 'call_1' })), answer(say('done')),
]), async (tpool, { alpha }) => {
  const include = ['reasoning.encrypted_content'];
  const first = await post(tpool, ask('hi', { tools: [look], include, store: false }));
  const second = [{ role: 'user', content: 'hi' }, ...first.items, { type: 'function_call_output', call_id: 'call_1', output: 'seen' }];
  await post(tpool, ask(second, { tools: [look], include, store: false }));
  assert.ok(alpha.last.body.messages.some((m) => m.reasoning_content === 'A private thought.'), JSON.stringify(alpha.last.body.messages));
});

world('usage that a provider leaves out is unknown, never invented', chat([answer(say('ok'))]), async (tpool, { alpha }) => {
  const { events } = alpha.dialect;
  alpha.dialect = { ...alpha.dialect, events: (turn, body) => events(turn, { ...body, stream_options: undefined }) };
  const said = await post(tpool, ask('hi'));
  assert.equal(said.text, 'ok');
  assert.ok(said.usage === undefined || said.usage === null, JSON.stringify(said.usage));
});

world('a provider\'s other items are counted as lost', alpha([{ status: 200, body: { id: 'resp_1', object: 'response', created_at: 1, model: 'model-one', status: 'completed',
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 }, output: [{ id: 'ws_1', type: 'web_search_call', status: 'completed' },
    { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'partial', annotations: [], logprobs: [] }] }] } }],
{ dialect: 'responses', namespaces: false }), async (tpool) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi', { stream: false }) });
  assert.equal(read_whole(reply.json()).text, 'partial');
  assert.match(reply.headers['x-tpool-loss'], /output\.web_search_call dropped 1/);
});

world('an answer that lost nothing says so by saying nothing', chat([answer(say('ok'))]), async (tpool) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi', { stream: false }) });
  assert.doesNotMatch(reply.headers['x-tpool-loss'] ?? '', /output/);
});

world('a translated response repeats the settings of its request', chat(() => answer(say('ok'))), async (tpool) => {
  const set = { instructions: 'Be brief.', temperature: 0.5, metadata: { a: 'b' }, parallel_tool_calls: false,
    tools: [{ type: 'function', name: 'look', description: null, strict: false, parameters: { type: 'object', properties: {} } }] };
  const whole = (await tpool.request('POST', '/v1/responses', { body: ask('hi', { ...set, stream: false }) })).json();
  const said = await post(tpool, ask('hi', set));
  for (const response of [whole, said.response, said.events[0].response])
    for (const [name, value] of Object.entries(set)) assert.deepEqual(response[name], value, name);
});

world('a document does not go to a Chat model that is known to read text alone', {
  ...chat([answer(say('Which document?'))]), tables: ({ alpha }) => [provider_toml(alpha).replace('["text", "image"]', '["text"]')] },
  async (tpool, { alpha }) => {
    const reply = await tpool.request('POST', '/v1/messages', { headers: { 'anthropic-version': '2023-06-01' },
      body: { model: 'alpha/model-one', max_tokens: 100, messages: [{ role: 'user', content: [
        { type: 'document', title: 'Paper', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } },
        { type: 'text', text: 'sum up' }] }] } });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.headers['x-tpool-loss'], 'files dropped 1');
    assert.deepEqual(alpha.last.body.messages,
      [{ role: 'user', content: '[A document was here that could not be passed on: Paper]\n\nsum up' }]);
  });
