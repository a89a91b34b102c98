// A client of the Responses protocol that trusts nothing: it checks each stream it is given.

import assert from 'node:assert/strict';

// SSE text -> [{event, data}]; comments are dropped, a frame without data is nothing.
export const parse_sse = (text) => text.split(/\r?\n\r?\n/).flatMap((frame) => {
  const lines = frame.split(/\r?\n/);
  const field = (name) => lines.filter((l) => l.startsWith(`${name}:`)).map((l) => l.slice(name.length + 1).replace(/^ /, ''));
  const data = field('data').join('\n');
  return data === '' ? [] : [{ event: field('event')[0], data }];
});

const terminal = ['response.completed', 'response.failed', 'response.incomplete'];

const text_of = (item) => (item.content ?? []).map((p) => p.text ?? '').join('');

export const is_valid_usage = (usage) => {
  const count = (value) => assert.ok(Number.isInteger(value) && value >= 0, `usage: ${JSON.stringify(usage)}`);
  [usage.input_tokens, usage.output_tokens, usage.total_tokens].forEach(count);
  if (usage.input_tokens_details) count(usage.input_tokens_details.cached_tokens);
  if (usage.output_tokens_details) count(usage.output_tokens_details.reasoning_tokens);
};

// Checks a whole stream as strictly as the protocol allows and returns what it said:
// {text, reasoning, items, calls, usage, end, error, id, events}. Whoever opened it, it is created once, has
// one id and, where events are numbered, counts up.
export const read_stream = (text) => {
  const events = parse_sse(text).filter((e) => e.data !== '[DONE]').map((e) => {
    const value = JSON.parse(e.data);
    assert.equal(typeof value.type, 'string', e.data);
    if (e.event !== undefined) assert.equal(e.event, value.type);
    return value;
  });
  const open = new Map();
  const said = { text: '', reasoning: '', items: [], end: null, events };
  for (const event of events) {
    assert.equal(said.end, null, `${event.type} after the end`);
    if (event.sequence_number !== undefined) {
      assert.ok(said.sequence === undefined || event.sequence_number > said.sequence, `${event.type}: number ${event.sequence_number} after ${said.sequence}`);
      said.sequence = event.sequence_number;
    }
    if (event.response?.id && said.id !== undefined) assert.equal(event.response.id, said.id, `${event.type} has another id`);
    const slot = open.get(event.output_index);
    switch (event.type) {
      case 'response.created':
        assert.equal(said.id, undefined, 'response.created comes twice');
        said.id = event.response.id;
        break;
      case 'response.output_item.added':
        assert.ok(!open.has(event.output_index), `output_index ${event.output_index} is opened twice`);
        open.set(event.output_index, { item: event.item, text: '', arguments: '', input: '', summary: '' });
        break;
      case 'response.output_text.delta':
        assert.ok(slot, 'a text delta outside an item');
        slot.text += event.delta;
        break;
      case 'response.reasoning_summary_text.delta':
        assert.ok(slot, 'a reasoning delta outside an item');
        assert.ok(Number.isInteger(event.summary_index));
        slot.summary += event.delta;
        break;
      case 'response.function_call_arguments.delta':
        assert.ok(slot, 'an arguments delta outside an item');
        slot.arguments += event.delta;
        break;
      case 'response.custom_tool_call_input.delta':
        assert.ok(slot, 'an input delta outside an item');
        slot.input += event.delta;
        break;
      case 'response.output_item.done':
        close_item(said, slot, event.item);
        open.delete(event.output_index);
        break;
      default:
        if (terminal.includes(event.type)) Object.assign(said, ending(event, open));
    }
  }
  said.calls = said.items.filter((i) => /_call$/.test(i.type));
  return said;
};

const close_item = (said, slot, item) => {
  said.items.push(item);
  if (slot) assert.equal(slot.item.type, item.type);
  if (item.type === 'message') {
    if (slot?.text) assert.equal(slot.text, text_of(item), 'the deltas add up to the item');
    said.text += text_of(item);
  } else if (item.type === 'reasoning') {
    assert.ok(Array.isArray(item.summary), 'Codex loses a reasoning item without a summary array');
    said.reasoning += item.summary.map((p) => p.text).join('');
  } else if (item.type === 'function_call') {
    assert.equal(typeof item.arguments, 'string');
    assert.ok(item.call_id && item.name);
    if (slot?.arguments) assert.equal(slot.arguments, item.arguments);
  } else if (item.type === 'custom_tool_call') {
    assert.equal(typeof item.input, 'string');
    if (slot?.input) assert.equal(slot.input, item.input);
  }
};

const ending = (event, open) => {
  const { response } = event;
  if (event.type === 'response.completed') {
    assert.ok(response.id, 'a completed response needs its id');
    assert.equal(open.size, 0, 'an item was left open');
    if (response.usage) is_valid_usage(response.usage);
  }
  return { end: event.type.slice('response.'.length), usage: response.usage, error: response.error, response };
};

// The same view of a whole answer.
export const read_whole = (response) => {
  assert.equal(response.object, 'response');
  const said = { text: '', reasoning: '', items: [], end: response.status, usage: response.usage, id: response.id };
  for (const item of response.output) close_item(said, null, item);
  if (response.usage) is_valid_usage(response.usage);
  said.calls = said.items.filter((i) => /_call$/.test(i.type));
  return said;
};

// An error Codex shows verbatim and does not repeat; see how it treats the status and the code.
export const is_final_error = (reply) => {
  assert.ok([400, 404].includes(reply.status), `status ${reply.status}: ${reply.text}`);
  const { error } = reply.json();
  assert.ok(['invalid_prompt', 'model_not_found'].includes(error.code), reply.text);
  assert.ok(error.message.length > 10, reply.text);
  assert.match(reply.headers['content-type'], /^application\/json/);
  return error.message;
};

// The same, said inside a stream that was already open.
export const is_final_failure = (said) => {
  assert.equal(said.end, 'failed', JSON.stringify(said.events?.at(-1)));
  assert.ok(said.error?.message?.length > 10, JSON.stringify(said.error));
  return said.error;
};
