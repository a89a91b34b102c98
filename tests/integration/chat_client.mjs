// A client of the Chat Completions protocol that trusts nothing: it checks each stream it is given.

import assert from 'node:assert/strict';
import { parse_sse } from './responses_client.mjs';

const is_count = (value) => Number.isInteger(value) && value >= 0;

export const is_valid_usage = (usage) => {
  for (const name of ['prompt_tokens', 'completion_tokens', 'total_tokens']) assert.ok(is_count(usage[name]), JSON.stringify(usage));
  for (const details of [usage.prompt_tokens_details, usage.completion_tokens_details])
    for (const value of Object.values(details ?? {})) assert.ok(is_count(value), JSON.stringify(usage));
};

const finishes = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call'];

const read_choice = (said, calls, choice) => {
  assert.equal(choice.index, 0);
  assert.equal(said.finish, null, 'a choice after its finish_reason');
  const { delta } = choice;
  assert.equal(typeof delta, 'object');
  said.text += delta.content ?? '';
  said.refusal += delta.refusal ?? '';
  said.reasoning += delta.reasoning_content ?? '';
  for (const piece of delta.tool_calls ?? []) {
    assert.ok(Number.isInteger(piece.index));
    if (!calls.has(piece.index)) {
      assert.equal(piece.index, calls.size, 'calls are counted from 0');
      assert.ok(piece.id && piece.type, 'a call opens with its id and type');
      calls.set(piece.index, { id: piece.id, type: piece.type, [piece.type]: { name: '', arguments: '', input: '' } });
    }
    const call = calls.get(piece.index);
    const inner = piece[call.type];
    for (const name of ['name', 'arguments', 'input']) call[call.type][name] += inner?.[name] ?? '';
  }
  if (delta.function_call) {
    said.function_call ??= { name: '', arguments: '' };
    for (const name of ['name', 'arguments']) said.function_call[name] += delta.function_call[name] ?? '';
  }
  if (choice.finish_reason) {
    assert.ok(finishes.includes(choice.finish_reason), choice.finish_reason);
    said.finish = choice.finish_reason;
  }
};

// Checks a whole stream as strictly as the protocol allows and returns what it said:
// {text, reasoning, refusal, calls, usage, finish, error, done, chunks}. An answer that failed has an
// error and no `[DONE]`; one that did not has a finish and `[DONE]`. `relayed`: ids are the provider's
// and heartbeats may stand before them.
export const read_stream = (text, { usage_wanted = false, relayed = false } = {}) => {
  const said = { text: '', reasoning: '', refusal: '', finish: null, done: false, error: null, usage: null, chunks: [] };
  const calls = new Map();
  for (const { event, data } of parse_sse(text)) {
    assert.equal(event, undefined, 'Chat events have no name');
    assert.ok(!said.done, 'something after [DONE]');
    assert.equal(said.error, null, 'something after an error');
    if (data === '[DONE]') {
      said.done = true;
      continue;
    }
    const chunk = JSON.parse(data);
    if (chunk.error) {
      said.error = chunk.error;
      continue;
    }
    said.chunks.push(chunk);
    assert.equal(chunk.object, 'chat.completion.chunk');
    assert.ok(chunk.id && chunk.model && is_count(chunk.created), data);
    if (!relayed) assert.equal(chunk.id, said.chunks[0].id, 'one answer, one id');
    for (const choice of chunk.choices) read_choice(said, calls, choice);
    if (chunk.usage) {
      assert.deepEqual(chunk.choices, [], 'usage comes in a chunk of its own');
      assert.ok(usage_wanted, 'usage nobody asked for');
      said.usage = chunk.usage;
    }
  }
  said.calls = [...calls.values()];
  if (said.error) assert.equal(typeof said.error.message, 'string');
  else assert.ok(said.done && said.finish, `the stream has no end: ${text.slice(-300)}`);
  if (said.usage) is_valid_usage(said.usage);
  return said;
};

// The same view of a whole answer.
export const read_whole = (answer) => {
  assert.equal(answer.object, 'chat.completion');
  assert.equal(answer.choices.length, 1);
  const { message, finish_reason } = answer.choices[0];
  assert.equal(message.role, 'assistant');
  assert.ok(finishes.includes(finish_reason), finish_reason);
  if (answer.usage) is_valid_usage(answer.usage);
  return { text: message.content ?? '', refusal: message.refusal ?? '', reasoning: message.reasoning_content ?? '',
    calls: message.tool_calls ?? [], function_call: message.function_call, finish: finish_reason, usage: answer.usage ?? null, error: null };
};

// An error of the shape every SDK of this protocol reads.
export const is_error = (reply, status, code) => {
  assert.equal(reply.status, status, reply.text);
  assert.match(reply.headers['content-type'], /^application\/json/);
  const { error } = reply.json();
  assert.ok(error.message.length > 10, reply.text);
  assert.equal(typeof error.type, 'string');
  assert.ok('param' in error, reply.text);
  if (code) assert.equal(error.code, code, reply.text);
  return error;
};
