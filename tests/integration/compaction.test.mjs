// Compaction of a conversation: relayed to who has it, an ordinary answer anywhere else, carried back.

import assert from 'node:assert/strict';
import { dialect_names } from './fake_provider.mjs';
import { answer, call, compaction, say, think } from './turn.mjs';
import { is_final_error, read_stream } from './responses_client.mjs';
import { alpha, world } from './world.mjs';

const parameters = { type: 'object', properties: { where: { type: 'string' } }, required: ['where'], additionalProperties: false };
const tools = [{ type: 'function', name: 'look', description: 'Looks.', strict: false, parameters }];
const history = [{ type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'You are terse.' }] },
  { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'What is there?' }] },
  { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{"where":"x"}' },
  { type: 'function_call_output', call_id: 'call_1', output: 'a tree' }];
const ask = (input, more = {}) => ({ model: 'alpha/model-one', input, stream: true, tools, store: false, ...more });
const trigger = { type: 'compaction_trigger' };
const post = (tpool, body, path = '/v1/responses') => tpool.request('POST', path, { body });
const stream_of = async (tpool, body) => {
  const reply = await post(tpool, body);
  assert.equal(reply.status, 200, reply.text);
  return read_stream(reply.text);
};
const told = (provider) => JSON.stringify(provider.last.body);
const the_compaction = (said) => {
  assert.equal(said.end, 'completed', JSON.stringify(said.error));
  assert.deepEqual(said.items.map((i) => i.type), ['compaction']);
  return said.items[0];
};

for (const dialect of dialect_names) {
  world(`a trigger is answered with a summary that is carried back (${dialect})`, alpha([
    answer(think('Hm.'), say('There is a tree at x. "Nothing" else — ü.')), answer(say('It is an oak.')),
  ], { dialect }), async (tpool, { alpha }) => {
    const made = the_compaction(await stream_of(tpool, ask([...history, trigger])));
    assert.ok(!told(alpha).includes('compaction_trigger'));
    for (const text of ['a tree', 'What is there?', 'summary']) assert.ok(told(alpha).includes(text), text);
    assert.ok(!made.encrypted_content.includes('tree'));
    const said = await stream_of(tpool, ask([history[0], made, { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Which kind?' }] }]));
    assert.equal(said.text, 'It is an oak.');
    assert.ok(told(alpha).includes('There is a tree at x. \\"Nothing\\" else — ü.'), told(alpha));
    assert.ok(!told(alpha).includes(made.encrypted_content));
  });

  world(`the endpoint answers with the window that is left (${dialect})`, alpha([{ ...answer(say('There is a tree.')), usage: { input: 50, output: 7 } }], { dialect }), async (tpool, { alpha }) => {
    const reply = await post(tpool, { model: 'alpha/model-one', input: history, instructions: 'Be brief.' }, '/v1/responses/compact');
    assert.equal(reply.status, 200, reply.text);
    const { object, output, usage } = reply.json();
    assert.deepEqual([object, output.map((i) => i.type), usage.total_tokens], ['response.compaction', ['compaction'], 57]);
    assert.ok(told(alpha).includes('Be brief.') && told(alpha).includes('a tree'));
  });

  world(`a model that calls a tool instead of summing up has failed (${dialect})`, alpha([answer(call('look', { where: 'y' }))], { dialect }), async (tpool) => {
    const said = await stream_of(tpool, ask([...history, trigger]));
    assert.equal(said.end, 'failed');
    assert.match(said.error.message, /no summary/);
  });
}

const has_it = { compaction: true, toml: 'quirks = { responses_compaction = true }' };
world('a provider that compacts does so itself, and gets its own back', alpha([answer(compaction('opaque')), answer(say('on')), answer(say('and on'))],
  { ...has_it, models: ['model-one', 'model-two'] }), async (tpool, { alpha }) => {
  const made = the_compaction(await stream_of(tpool, ask([...history, trigger])));
  assert.deepEqual(alpha.last.body.input.at(-1), trigger);
  assert.equal((await stream_of(tpool, ask([made]))).text, 'on');
  assert.equal((await stream_of(tpool, ask([made], { model: 'alpha/model-two' }))).text, 'and on');
});

world('the endpoint is relayed to who has it', alpha([answer(compaction('opaque'))], has_it), async (tpool, { alpha }) => {
  const reply = await post(tpool, { model: 'alpha/model-one', input: history }, '/v1/responses/compact');
  assert.equal(reply.status, 200, reply.text);
  assert.equal(alpha.last.path, '/v1/responses/compact');
  assert.equal(reply.json().output[0].type, 'compaction');
});

world('what one provider compacted is refused elsewhere, with its reason', { providers: { alpha: { turns: [answer(compaction('opaque'))], ...has_it }, beta: { turns: [], dialect: 'chat' } } },
  async (tpool, { beta }) => {
    const made = the_compaction(await stream_of(tpool, ask([...history, trigger])));
    const message = is_final_error(await post(tpool, ask([made], { model: 'beta/model-one' })));
    assert.match(message, /compacted by alpha/);
    assert.equal(beta.requests.length, 0);
  });

world('a damaged summary and a trigger in the middle are told', alpha([]), async (tpool) => {
  assert.match(is_final_error(await post(tpool, ask([{ type: 'compaction', encrypted_content: 'tpc1.!!!' }]))), /damaged/);
  assert.match(is_final_error(await post(tpool, ask([trigger, ...history]))), /last item/);
});
