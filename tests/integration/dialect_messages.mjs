// A strict provider of the Messages protocol: what it accepts, and how it says a turn.

import * as shape from './shape.mjs';
import { fresh_id, pieces, resolve_call, usage_of } from './turn.mjs';

const { any, array, boolean, either, integer, matching, nullable, number, object, one_of, record, string, tagged, text, up_to } = shape;

export const path = '/messages';
export const key_of = (headers) => headers['x-api-key'] ?? '';

const tool_name = matching(/^[A-Za-z0-9_-]{1,64}$/);
const tool_id = matching(/^[A-Za-z0-9_-]{1,128}$/);
const words = matching(/\S/);
const mark = { cache_control: nullable(object({ type: one_of('ephemeral') }, { ttl: one_of('5m', '1h') })) };

const image_source = tagged('type', {
  base64: object({ type: any, media_type: one_of('image/jpeg', 'image/png', 'image/gif', 'image/webp'), data: matching(/^[A-Za-z0-9+/]+=*$/) }),
  url: object({ type: any, url: matching(/^https?:\/\//) }),
});
const document_source = tagged('type', {
  base64: object({ type: any, media_type: one_of('application/pdf'), data: matching(/^[A-Za-z0-9+/]+=*$/) }),
  url: object({ type: any, url: matching(/^https?:\/\//) }),
  text: object({ type: any, media_type: one_of('text/plain'), data: string }),
});
const text_block = object({ type: any, text: words }, { ...mark, citations: any });
const image = object({ type: any, source: image_source }, mark);
const document = object({ type: any, source: document_source }, { ...mark, title: nullable(string), context: nullable(string), citations: any });
const result_content = tagged('type', { text: text_block, image, document });
const user_block = tagged('type', {
  text: text_block, image, document,
  tool_result: object({ type: any, tool_use_id: tool_id }, { ...mark, is_error: boolean, content: either(string, array(result_content, { min: 1 })) }),
});
const assistant_block = tagged('type', {
  text: text_block,
  thinking: object({ type: any, thinking: string, signature: text }),
  redacted_thinking: object({ type: any, data: text }),
  tool_use: object({ type: any, id: tool_id, name: tool_name, input: record }, mark),
});
const content = (block) => either(words, array(block, { min: 1 }));
const message = tagged('role', {
  user: object({ role: any, content: content(user_block) }),
  assistant: object({ role: any, content: content(assistant_block) }),
  system: object({ role: any, content: content(tagged('type', { text: text_block })) }),
});
const tool = object({ name: tool_name, input_schema: record }, { ...mark, type: one_of('custom'), description: string, strict: boolean,
  defer_loading: boolean, eager_input_streaming: nullable(boolean) });
const parallel = { disable_parallel_tool_use: boolean };

const rest = {
  stream: boolean, system: either(words, array(tagged('type', { text: text_block }), { min: 1 })), tools: array(tool, { min: 1 }),
  tool_choice: tagged('type', { auto: object({ type: any }, parallel), any: object({ type: any }, parallel),
    tool: object({ type: any, name: tool_name }, parallel), none: object({ type: any }) }),
  thinking: tagged('type', { enabled: object({ type: any, budget_tokens: integer(1024) }, { display: any }),
    adaptive: object({ type: any }, { display: nullable(one_of('summarized', 'omitted')) }), disabled: object({ type: any }) }),
  output_config: object({}, { effort: one_of('low', 'medium', 'high', 'xhigh', 'max'),
    format: object({ type: one_of('json_schema'), schema: record }) }),
  temperature: number, top_p: number, top_k: integer(1), stop_sequences: array(words, { min: 1 }),
  metadata: object({}, { user_id: nullable(string) }), context_management: record, service_tier: one_of('auto', 'standard_only'),
};
const told = { model: text, messages: array(message, { min: 1 }) };
const request = object({ ...told, max_tokens: integer(1) }, rest);
const counted = object(told, Object.fromEntries(['system', 'tools', 'tool_choice', 'thinking'].map((name) => [name, rest[name]])));

const blocks_of = (m) => (typeof m.content === 'string' ? [{ type: 'text', text: m.content }] : m.content);
const is_thinking = (block) => block?.type === 'thinking' || block?.type === 'redacted_thinking';

const order_faults = (all, { mint }) => {
  const messages = all.filter((m) => m.role !== 'system');
  if (all[0].role === 'system') return ['body.messages[0]: the first message must be the user\'s'];
  const faults = [];
  const seen = new Set();
  let open = [];
  messages.forEach((m, i) => {
    const at = `body.messages[${i}]`;
    if (m.role === (i === 0 ? 'assistant' : messages[i - 1].role)) faults.push(`${at}: roles must alternate and begin with user`);
    const blocks = blocks_of(m);
    if (m.role === 'user') {
      const results = blocks.filter((b) => b.type === 'tool_result').map((b) => b.tool_use_id);
      if (blocks.findLastIndex((b) => b.type === 'tool_result') >= results.length) faults.push(`${at}: tool_result blocks must come first`);
      for (const id of results) if (!open.includes(id)) faults.push(`${at}: unexpected tool_use_id ${id} in tool_result`);
      if (new Set(results).size !== results.length) faults.push(`${at}: two results of one call`);
      const missing = open.filter((id) => !results.includes(id));
      if (missing.length > 0) faults.push(`${at}: tool_use ids without tool_result right after: ${missing.join(', ')}`);
      open = [];
    } else {
      open = blocks.filter((b) => b.type === 'tool_use').map((b) => b.id);
      for (const id of open) {
        if (seen.has(id)) faults.push(`${at}: tool_use ids must be unique: ${id}`);
        seen.add(id);
      }
      for (const b of blocks) {
        if (b.type === 'thinking' && b.signature !== sign(mint, b.thinking)) faults.push(`${at}: invalid signature in thinking block`);
        if (b.type === 'redacted_thinking' && !b.data.startsWith(mint)) faults.push(`${at}: invalid data in redacted_thinking block`);
      }
    }
  });
  if (open.length > 0) faults.push(`body.messages: tool_use ids without tool_result at the end: ${open.join(', ')}`);
  if (messages.at(-1).role === 'assistant') faults.push('body.messages: this model takes no prefill, the last message must be the user\'s');
  return faults;
};

const thinking_faults = (body) => {
  const faults = [];
  const on = body.thinking && body.thinking.type !== 'disabled';
  if (!on) return faults;
  if (['any', 'tool'].includes(body.tool_choice?.type)) faults.push('body.tool_choice: thinking may not be enabled when a tool is forced');
  for (const name of ['temperature', 'top_k']) if (body[name] !== undefined && body[name] !== 1) faults.push(`body.${name}: not with thinking`);
  if (body.thinking.type !== 'enabled') return faults;
  if (body.thinking.budget_tokens >= body.max_tokens) faults.push('body.max_tokens: must be greater than thinking.budget_tokens');
  const start = body.messages.findLastIndex((m) => m.role === 'user' && !blocks_of(m).some((b) => b.type === 'tool_result'));
  const first = body.messages.slice(start + 1).find((m) => m.role === 'assistant');
  if (first && blocks_of(first).some((b) => b.type === 'tool_use') && !is_thinking(blocks_of(first)[0]))
    faults.push('body.messages: expected thinking or redacted_thinking, but found tool_use');
  return faults;
};

const marks_in = (value) => {
  if (Array.isArray(value)) return value.reduce((n, v) => n + marks_in(v), 0);
  if (value === null || typeof value !== 'object') return 0;
  return Object.entries(value).reduce((n, [name, v]) => n + (name === 'cache_control' && v ? 1 : name === 'input_schema' || name === 'input' ? 0 : marks_in(v)), 0);
};

// Every fault of a request body. `mint` begins what this provider signs.
export const faults = (body, provider, headers) => {
  const found = shape.faults_of(request, body);
  if (!['2023-06-01', '2026-10-21'].includes(headers['anthropic-version'])) found.push('header anthropic-version: required');
  if (found.length > 0) return found;
  found.push(...order_faults(body.messages, provider), ...thinking_faults(body));
  if (body.tool_choice && !body.tools) found.push('body.tool_choice: only allowed with tools');
  const names = (body.tools ?? []).map((t) => t.name);
  for (const name of names.filter((n, i) => names.indexOf(n) !== i)) found.push(`body.tools: ${name} is there twice`);
  for (const t of body.tools ?? []) if (t.input_schema.type !== 'object') found.push(`body.tools: input_schema of ${t.name} must have type "object"`);
  if (body.tool_choice?.name && !names.includes(body.tool_choice.name)) found.push(`body.tool_choice: no tool ${body.tool_choice.name}`);
  if (body.messages.some((m) => blocks_of(m).some((b) => b.type === 'tool_use')) && !body.tools) found.push('body.tools: required when messages hold tool_use');
  if (body.temperature !== undefined && (body.temperature < 0 || body.temperature > 1)) found.push('body.temperature: expected 0..1');
  if (body.temperature !== undefined && body.top_p !== undefined) found.push('body.temperature: not together with top_p');
  if (marks_in(body) > 4) found.push(`body: ${marks_in(body)} blocks with cache_control, at most 4 are allowed`);
  return found;
};

// What is asked beside a message.
export const beside = { '/messages/count_tokens': {
  path: '/messages/count_tokens',
  faults: (body) => shape.faults_of(counted, body),
  whole: (turn) => ({ input_tokens: usage_of(turn).input }),
} };

const offered = (body) => (body.tools ?? []).map((t) => ({ ...t, parameters: t.input_schema, kind: 'function' }));
const sign = (mint, thinking) => `${mint}${Buffer.from(thinking).toString('base64')}`;

const block_of = (step, body, { mint }) => {
  if (step.text !== undefined) return { type: 'text', text: step.text };
  if (step.reasoning !== undefined) return { type: 'thinking', thinking: step.reasoning, signature: sign(mint, step.reasoning) };
  if (step.redacted !== undefined) return { type: 'redacted_thinking', data: sign(mint, step.redacted) };
  const found = resolve_call(step, offered(body));
  if (!found) throw new Error(`the request offers no tool ${(step.call ?? step.custom).name}`);
  return { type: 'tool_use', id: (step.call ?? step.custom).id ?? fresh_id('toolu'), name: found.name, input: JSON.parse(found.payload) };
};

const usage = (turn) => {
  const u = usage_of(turn);
  return { input_tokens: u.input - u.cached, cache_creation_input_tokens: 0, cache_read_input_tokens: u.cached, output_tokens: u.output,
    ...(u.reasoning ? { output_tokens_details: { thinking_tokens: u.reasoning } } : {}) };
};

const reasons = { stop: 'end_turn', length: 'max_tokens', content_filter: 'refusal' };
const stop_reason = (turn, blocks) => reasons[turn.finish] ?? turn.finish ?? (blocks.some((b) => b.type === 'tool_use') ? 'tool_use' : 'end_turn');

const envelope = (turn, body) => ({ id: turn.id ?? fresh_id('msg'), type: 'message', role: 'assistant', model: body.model });

export const whole = (turn, body, provider) => {
  const blocks = turn.steps.map((step) => block_of(step, body, provider));
  return { ...envelope(turn, body), content: blocks, stop_reason: stop_reason(turn, blocks), stop_sequence: turn.stop_sequence ?? null, usage: usage(turn) };
};

const opening = { text: { text: '' }, thinking: { thinking: '', signature: '' }, tool_use: { input: {} } };

const deltas = {
  text: (b, size) => pieces(b.text, size).map((piece) => ({ type: 'text_delta', text: piece })),
  thinking: (b, size) => [...pieces(b.thinking, size).map((piece) => ({ type: 'thinking_delta', thinking: piece })),
    { type: 'signature_delta', signature: b.signature }],
  tool_use: (b, size) => ['', ...pieces(JSON.stringify(b.input), size)].map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
  redacted_thinking: () => [],
};

// The events of a streamed answer, as {event, data}.
export const events = (turn, body, provider) => {
  const blocks = turn.steps.map((step) => block_of(step, body, provider));
  const counts = usage(turn);
  const list = [{ type: 'message_start', message: { ...envelope(turn, body), content: [], stop_reason: null, stop_sequence: null,
    usage: { ...counts, output_tokens: 1 } } }, { type: 'ping' }];
  blocks.forEach((block, index) => {
    list.push({ type: 'content_block_start', index, content_block: { ...block, ...opening[block.type] } });
    for (const delta of deltas[block.type](block, turn.piece)) list.push({ type: 'content_block_delta', index, delta });
    list.push({ type: 'content_block_stop', index });
  });
  list.push({ type: 'message_delta', delta: { stop_reason: stop_reason(turn, blocks), stop_sequence: turn.stop_sequence ?? null },
    usage: counts });
  list.push({ type: 'message_stop' });
  return list.map((data) => ({ event: data.type, data: JSON.stringify(data) }));
};

export const error_body = (message, code, type = code === 'invalid_api_key' ? 'authentication_error' : 'invalid_request_error') =>
  ({ type: 'error', error: { type, message } });
