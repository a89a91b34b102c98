// A Responses client at a Gemini provider: what the matrix of clients and providers does not ask.

import assert from 'node:assert/strict';
import { answer, call, custom_call, fail, say, think } from './turn.mjs';
import { is_final_error, read_stream, read_whole } from './responses_client.mjs';
import { alpha, ask, world } from './world.mjs';

const gemini = (turns, more = {}) => alpha(turns, { dialect: 'gemini', signatures: 'required', ...more });
const post = async (tpool, body) => {
  const reply = await tpool.request('POST', '/v1/responses', { body });
  assert.equal(reply.status, 200, reply.text);
  const said = body.stream ? read_stream(reply.text) : read_whole(reply.json());
  return { ...said, loss: reply.headers['x-tpool-loss'] ?? '' };
};
const parameters = { type: 'object', properties: { where: { type: 'string' } }, required: ['where'], additionalProperties: false };
const look = { type: 'function', name: 'look', description: 'Looks.', strict: false, parameters };
const user = (text) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
const result = (id, output) => ({ type: 'function_call_output', call_id: id, output });
const google_error = (code, status, message, details = []) => ({ error: { code, message, status,
  details: details.map(([type, more]) => ({ '@type': `type.googleapis.com/google.rpc.${type}`, ...more })) } });

for (const stream of [true, false]) {
  const how = stream ? 'streamed' : 'whole';
  world(`signatures go back on the calls they came on, step after step (${how})`, gemini([
    answer(think('Two places.'), call('look', { where: 'a' }, { id: 'c1' }), call('look', { where: 'b' }, { id: 'c2' })),
    answer(call('look', { where: 'c' }, { id: 'c3' })),
    { ...answer(say('Seen all.')), sign_text: true },
    answer(say('Yes.')),
  ]), async (tpool, { alpha }) => {
    const shared = { stream, tools: [look], include: ['reasoning.encrypted_content'], store: false, reasoning: { effort: 'high', summary: 'auto' } };
    let items = [user('look')];
    const first = await post(tpool, ask(items, shared));
    assert.equal(first.reasoning, 'Two places.');
    items = [...items, ...first.items, result('c1', 'A'), result('c2', 'B')];
    const second = await post(tpool, ask(items, shared));
    items = [...items, ...second.items, result('c3', 'C')];
    const third = await post(tpool, ask(items, shared));
    assert.equal(third.text, 'Seen all.');
    const last = await post(tpool, ask([...items, ...third.items, user('sure?')], shared));
    assert.equal(last.loss, '', 'everything came back as it was');
    const sent = alpha.last.body.contents.flatMap((c) => c.parts).filter((p) => p.thoughtSignature);
    assert.equal(sent.length, 3, JSON.stringify(sent));
    assert.equal(new Set(sent.map((p) => p.thoughtSignature)).size, 3);
  });

  world(`a custom tool and namespaced ones come back as what they are (${how})`, gemini([
    answer(custom_call('apply_patch', '*** Begin Patch\n+"tab"\there ü 🌍\\n\n*** End Patch\n', { id: 'p' }), call('echo', { where: 'x' }, { id: 'e', namespace: 'mcp__one' })),
  ]), async (tpool) => {
    const said = await post(tpool, ask('hi', { stream, tools: [{ type: 'custom', name: 'apply_patch', description: 'Patches.' },
      { type: 'namespace', name: 'mcp__one', description: 'n', tools: [{ type: 'function', name: 'echo', description: 'e', strict: false, parameters }] },
      { type: 'function', name: '3d_look', description: 'Begins with a digit.', strict: false, parameters }] }));
    assert.deepEqual(said.calls.map((c) => [c.type, c.name, c.namespace, c.input ?? c.arguments]), [
      ['custom_tool_call', 'apply_patch', undefined, '*** Begin Patch\n+"tab"\there ü 🌍\\n\n*** End Patch\n'],
      ['function_call', 'echo', 'mcp__one', '{"where":"x"}']]);
  });

  world(`calls without ids get some, which differ from answer to answer (${how})`, gemini([
    { ...answer(call('look', { where: 'a' }, { id: null }), call('look', { where: 'b' }, { id: null })), id: 'first' },
    { ...answer(call('look', { where: 'c' }, { id: null })), id: 'second' },
  ]), async (tpool) => {
    const one = await post(tpool, ask('hi', { stream, tools: [look] }));
    const two = await post(tpool, ask('hi', { stream, tools: [look] }));
    assert.equal(new Set([...one.calls, ...two.calls].map((c) => c.call_id)).size, 3);
  });

  world(`an answer the model stumbled over is asked for again elsewhere (${how})`, gemini([
    { ...answer(), finish: 'MALFORMED_FUNCTION_CALL' }, answer(say('Better.')),
  ], { keys: ['sk-alpha-first-0123456789', 'sk-alpha-second-0123456789'] }), async (tpool) => {
    assert.equal((await post(tpool, ask('hi', { stream }))).text, 'Better.');
  });

  world(`a blocked prompt is told and not repeated (${how})`, gemini([
    { body: { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 }, modelVersion: 'model-one' } },
  ]), async (tpool, { alpha }) => {
    const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi', { stream }) });
    assert.match(is_final_error(reply), /PROHIBITED_CONTENT/);
    assert.equal(alpha.requests.length, 1);
  });
}

world('a call of another model carries the placeholder, and that is counted', gemini([answer(say('ok'))]), async (tpool, { alpha }) => {
  const said = await post(tpool, ask([user('look'), { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{"where":"x"}' }, result('c1', 'seen')], { tools: [look] }));
  const [call_part] = alpha.last.body.contents.flatMap((c) => c.parts).filter((p) => p.functionCall);
  assert.equal(call_part.thoughtSignature, 'skip_thought_signature_validator');
  assert.match(said.loss, /reasoning\.signature approximated 1/);
});

world('reasoning made by one Gemini model is not shown to another', { providers: {
  alpha: { dialect: 'gemini', signatures: 'required', models: ['model-one', 'model-two'], turns: [answer(call('look', { where: 'a' }, { id: 'c1' })), answer(say('ok'))] } } }, async (tpool, { alpha }) => {
  const first = await post(tpool, ask([user('look')], { tools: [look] }));
  await post(tpool, ask([user('look'), ...first.items, result('c1', 'seen')], { tools: [look], model: 'alpha/model-two' }));
  assert.equal(alpha.last.model, 'model-two');
  assert.deepEqual(alpha.last.body.contents.flatMap((c) => c.parts).map((p) => p.thoughtSignature).filter(Boolean), ['skip_thought_signature_validator']);
});

world('a refused key is a refused key though Google says 400', gemini([answer(say('ok'))], { keys: ['AIzaSyFirst-0123456789abcdef', 'AIzaSySecond-0123456789abcdef'] }), async (tpool, { alpha }) => {
  alpha.keys = alpha.keys.slice(1);
  assert.equal((await post(tpool, ask('hi'))).text, 'ok');
  assert.equal(alpha.requests.length, 2);
  alpha.keys = ['AIzaSyThird-0123456789abcdef'];
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi') });
  assert.notEqual(reply.status, 200);
  assert.doesNotMatch(reply.text, /AIza/);
});

world('a limit per minute is waited for as long as Google says', gemini([
  fail(429, google_error(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota, please check your plan and billing details.', [
    ['QuotaFailure', { violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }] }], ['RetryInfo', { retryDelay: '1s' }]])),
  answer(say('Thank you for waiting.')),
]), async (tpool, { alpha }) => {
  assert.equal((await post(tpool, ask('hi'))).text, 'Thank you for waiting.');
  assert.ok(alpha.requests[1].at - alpha.requests[0].at >= 950, 'the hint is honoured');
});

world('an error inside the stream ends it as a failure', gemini([
  { ...answer(say('Half of an answer')), stop_after: 2, then: { event: { data: JSON.stringify(google_error(503, 'UNAVAILABLE', 'The model is overloaded.')) } } },
]), async (tpool) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi') });
  const said = read_stream(reply.text);
  assert.equal(said.end, 'failed');
  assert.match(said.error.message, /overloaded/);
});

world('schemas of every kind become what Gemini has fields for', gemini([answer(say('{"a":null}'))]), async (tpool, { alpha }) => {
  const said = await post(tpool, ask('hi', { tools: [{ type: 'function', name: 'all', description: 'd', strict: false, parameters: {
    type: 'object', $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' }, n: { type: ['integer', 'null'], exclusiveMinimum: 0 } } } },
    properties: { tree: { $ref: '#/$defs/node' }, either: { oneOf: [{ type: 'string', format: 'uri' }, { type: 'null' }, { type: 'array' }] },
      kind: { const: 'x' }, level: { enum: [1, 2] }, map: { type: 'object', additionalProperties: { type: 'string' } }, any: {} },
    required: ['tree', 'gone'], additionalProperties: false } }],
  text: { format: { type: 'json_schema', name: 'out', schema: { type: 'object', properties: { a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, required: ['a'] } } } }));
  assert.match(said.loss, /tools\.schema\.recursion approximated 1/);
  assert.equal(alpha.last.body.tools[0].functionDeclarations[0].parameters.type, 'OBJECT');
});

world('a model whose name needs escaping is asked for by that name', gemini([answer(say('ok')), answer(say('ok'))], { models: ['vendor/model:3 ü'] }), async (tpool, { alpha }) => {
  for (const stream of [true, false]) {
    await post(tpool, ask('hi', { model: 'alpha/vendor/model:3 ü', stream }));
    assert.equal(alpha.last.path, `/v1beta/models/vendor%2Fmodel%3A3%20%C3%BC:${stream ? 'streamGenerateContent' : 'generateContent'}`);
  }
});

world('odd streams are understood: CRLF, comments, a BOM, lines in pieces', gemini(
  [{ newline: '\r\n' }, { comments: true, bom: true }, { split: 1 }, { content_type: 'application/json' }].map((style) => ({ ...answer(say('Hello, wörld! 🌍')), style }))), async (tpool) => {
  for (let i = 0; i < 4; ++i) assert.equal((await post(tpool, ask('hi'))).text, 'Hello, wörld! 🌍');
});
