// A client of the Messages protocol that trusts nothing: it checks each stream it is given.

import assert from 'node:assert/strict';
import { parse_sse } from './responses_client.mjs';

const check_message = (message) => {
  assert.equal(message.type, 'message');
  assert.equal(message.role, 'assistant');
  for (const name of ['id', 'model']) assert.ok(typeof message[name] === 'string' && message[name] !== '', `${name}: ${JSON.stringify(message)}`);
  assert.ok(Array.isArray(message.content));
};

const grow = {
  text: { delta: 'text_delta', add: (block, delta) => { block.text += delta.text; } },
  tool_use: { delta: 'input_json_delta', add: (block, delta) => { block.json += delta.partial_json; } },
  thinking: { delta: 'thinking_delta', add: (block, delta) => { block.thinking += delta.thinking; } },
};

// Blocks one after the other, each opened, told and closed; one message_delta, then message_stop.
export const read_stream = (text) => {
  const said = { message: null, error: null, ended: false, events: [] };
  let open = null;
  for (const { event, data } of parse_sse(text)) {
    const value = JSON.parse(data);
    assert.equal(event, value.type, 'the name of an event is its type');
    said.events.push(value);
    assert.ok(!said.ended && !said.error, `${value.type} after the end`);
    switch (value.type) {
      case 'ping': break;
      case 'error':
        assert.equal(typeof value.error.type, 'string');
        assert.equal(typeof value.error.message, 'string');
        said.error = value.error;
        break;
      case 'message_start':
        assert.equal(said.message, null, 'message_start comes twice');
        check_message(value.message);
        assert.deepEqual(value.message.content, []);
        said.message = structuredClone(value.message);
        break;
      case 'content_block_start':
        assert.equal(open, null, 'a block opens inside another');
        assert.equal(value.index, said.message.content.length, 'blocks are numbered in order');
        open = { ...value.content_block, ...(value.content_block.type === 'tool_use' ? { json: '' } : {}) };
        said.message.content.push(open);
        break;
      case 'content_block_delta':
        assert.ok(open && value.index === said.message.content.length - 1, 'a delta outside its block');
        if (value.delta.type === 'signature_delta') {
          assert.equal(open.type, 'thinking');
          open.signature = (open.signature ?? '') + value.delta.signature;
        } else {
          assert.equal(value.delta.type, grow[open.type].delta);
          grow[open.type].add(open, value.delta);
        }
        break;
      case 'content_block_stop':
        assert.ok(open && value.index === said.message.content.length - 1, 'a stop outside its block');
        if (open.type === 'tool_use') {
          open.input = JSON.parse(open.json || '{}');
          delete open.json;
        }
        open = null;
        break;
      case 'message_delta':
        assert.equal(open, null, 'the end comes inside a block');
        assert.equal(typeof value.delta.stop_reason, 'string');
        Object.assign(said.message, value.delta);
        said.message.usage = { ...said.message.usage, ...value.usage };
        break;
      case 'message_stop':
        assert.equal(typeof said.message.stop_reason, 'string', 'message_stop without a stop_reason');
        said.ended = true;
        break;
      default: assert.fail(`unknown event ${value.type}`);
    }
  }
  assert.ok(said.ended || said.error, `the stream ends neither in message_stop nor in error: ${text.slice(-300)}`);
  return said;
};

export const read_whole = (message) => {
  check_message(message);
  for (const block of message.content) assert.ok(block.type !== 'tool_use' || (block.input && typeof block.input === 'object'));
  assert.equal(typeof message.stop_reason, 'string');
  return { message, error: null, ended: true };
};

export const is_error = (reply, status, type) => {
  assert.equal(reply.status, status, reply.text);
  const body = reply.json();
  assert.equal(body.type, 'error');
  assert.equal(body.error.type, type, reply.text);
  assert.ok(body.error.message.length > 0);
  return body.error;
};
