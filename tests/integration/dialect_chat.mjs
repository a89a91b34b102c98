// A strict provider of the Chat Completions protocol: what it accepts, and how it says a turn.

import * as shape from './shape.mjs';
import { fresh_id, pieces, resolve_call, usage_of } from './turn.mjs';

const { any, array, boolean, either, integer, matching, nothing, nullable, number, object, one_of, record, string, tagged, text, up_to } = shape;

export const path = '/chat/completions';

const tool_name = matching(/^[A-Za-z0-9_-]{1,64}$/);
const data_or_link = matching(/^(data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*|https?:\/\/\S+)$/);

const text_part = object({ type: one_of('text'), text });
const user_part = tagged('type', {
  text: text_part,
  image_url: object({ type: any, image_url: object({ url: data_or_link }, { detail: one_of('auto', 'low', 'high') }) }),
});
const words = either(string, array(text_part, { min: 1 }));
const tool_call = object({ id: up_to(64), type: one_of('function'), function: object({ name: tool_name, arguments: string }) });

const message = tagged('role', {
  system: object({ role: any, content: words }, { name: tool_name }),
  user: object({ role: any, content: either(text, array(user_part, { min: 1 })) }, { name: tool_name }),
  assistant: object({ role: any }, { content: either(nothing, words), tool_calls: array(tool_call, { min: 1 }),
    reasoning_content: nullable(string), refusal: nullable(string), name: tool_name }),
  tool: object({ role: any, tool_call_id: up_to(64), content: words }),
});

const tool = object({ type: one_of('function'), function: object({ name: tool_name },
  { description: string, parameters: record, strict: nullable(boolean) }) });

const response_format = tagged('type', {
  text: object({ type: any }),
  json_object: object({ type: any }),
  json_schema: object({ type: any, json_schema: object({ name: tool_name },
    { schema: record, strict: nullable(boolean), description: string }) }),
});

const request = object({ model: text, messages: array(message, { min: 1 }) }, {
  stream: nullable(boolean), stream_options: nullable(object({}, { include_usage: boolean })),
  tools: array(tool, { min: 1 }), parallel_tool_calls: boolean,
  tool_choice: either(one_of('auto', 'none', 'required'),
    object({ type: one_of('function'), function: object({ name: tool_name }) })),
  response_format, max_tokens: nullable(integer(1)), max_completion_tokens: nullable(integer(1)),
  temperature: nullable(number), top_p: nullable(number), n: integer(1, 1), stop: nullable(either(string, array(string))),
  reasoning_effort: one_of('minimal', 'low', 'medium', 'high'), seed: integer(), user: string,
  presence_penalty: nullable(number), frequency_penalty: nullable(number),
});

const order_faults = (messages) => {
  const faults = [];
  let open = [];
  messages.forEach((m, i) => {
    if (m.role === 'tool') {
      if (!open.includes(m.tool_call_id)) faults.push(`body.messages[${i}]: answers no preceding tool_calls (${m.tool_call_id})`);
      open = open.filter((id) => id !== m.tool_call_id);
      return;
    }
    if (open.length > 0) faults.push(`body.messages[${i}]: tool_call_ids without an answer before it: ${open.join(', ')}`);
    open = (m.tool_calls ?? []).map((c) => c.id);
    if (new Set(open).size !== open.length) faults.push(`body.messages[${i}]: the same tool call id twice`);
    if (m.role === 'assistant' && !m.tool_calls && (m.content ?? '').length === 0)
      faults.push(`body.messages[${i}]: an assistant message without content or tool_calls`);
  });
  if (open.length > 0) faults.push(`body.messages: tool_call_ids without an answer at the end: ${open.join(', ')}`);
  return faults;
};

// Every fault of a request body.
export const faults = (body) => {
  const found = shape.faults_of(request, body);
  if (found.length > 0) return found;
  found.push(...order_faults(body.messages));
  for (const name of ['tool_choice', 'parallel_tool_calls'])
    if (body[name] !== undefined && !body.tools) found.push(`body.${name}: only allowed with tools`);
  if (body.stream_options && !body.stream) found.push('body.stream_options: only allowed with stream');
  const names = (body.tools ?? []).map((t) => t.function.name);
  for (const name of names.filter((n, i) => names.indexOf(n) !== i)) found.push(`body.tools: ${name} is there twice`);
  for (const t of body.tools ?? [])
    if (t.function.parameters && t.function.parameters.type !== 'object')
      found.push(`body.tools: parameters of ${t.function.name} must have type "object"`);
  if (body.messages.every((m) => m.role === 'system')) found.push('body.messages: nothing but system messages');
  return found;
};

const offered = (body) => (body.tools ?? []).map((t) => ({ ...t.function, kind: 'function' }));

const calls_of = (turn, body) => turn.steps.filter((s) => s.call || s.custom).map((step) => {
  const found = resolve_call(step, offered(body));
  if (!found) throw new Error(`the request offers no tool ${(step.call ?? step.custom).name}`);
  return { id: (step.call ?? step.custom).id ?? fresh_id('call'), type: 'function',
    function: { name: found.name, arguments: found.payload } };
});

const joined = (turn, kind) => turn.steps.map((s) => s[kind] ?? '').join('');

export const usage = (turn) => {
  const u = usage_of(turn);
  return { prompt_tokens: u.input, completion_tokens: u.output, total_tokens: u.input + u.output,
    prompt_tokens_details: { cached_tokens: u.cached }, completion_tokens_details: { reasoning_tokens: u.reasoning } };
};

const finish_reason = (turn, calls) => turn.finish ?? (calls.length > 0 ? 'tool_calls' : 'stop');

const envelope = (turn, body, kind) => ({ id: turn.id ?? fresh_id('chatcmpl'), object: kind, created: 1760000000, model: body.model });

export const whole = (turn, body) => {
  const calls = calls_of(turn, body);
  const reasoning = joined(turn, 'reasoning');
  return { ...envelope(turn, body, 'chat.completion'), usage: usage(turn), choices: [{ index: 0,
    finish_reason: finish_reason(turn, calls), logprobs: null, message: { role: 'assistant',
      content: joined(turn, 'text') || null, ...(reasoning ? { reasoning_content: reasoning } : {}),
      ...(calls.length > 0 ? { tool_calls: calls } : {}) } }] };
};

// The chunks of a streamed answer, as {data}; the last one is [DONE].
export const events = (turn, body) => {
  const base = envelope(turn, body, 'chat.completion.chunk');
  const calls = calls_of(turn, body);
  const list = [];
  const push = (delta, finish = null) => list.push({ ...base, choices: [{ index: 0, delta, finish_reason: finish }] });
  push({ role: 'assistant', content: '' });
  for (const step of turn.steps) {
    for (const piece of pieces(step.reasoning ?? '', turn.piece)) push({ reasoning_content: piece });
    for (const piece of pieces(step.text ?? '', turn.piece)) push({ content: piece });
  }
  calls.forEach((c, index) => {
    push({ tool_calls: [{ index, id: c.id, type: 'function', function: { name: c.function.name, arguments: '' } }] });
    for (const piece of pieces(c.function.arguments, turn.piece))
      push({ tool_calls: [{ index, function: { arguments: piece } }] });
  });
  push({}, finish_reason(turn, calls));
  if (body.stream_options?.include_usage) list.push({ ...base, choices: [], usage: usage(turn) });
  return [...list.map((data) => ({ data: JSON.stringify(data) })), { data: '[DONE]' }];
};

export const error_body = (message, code, type = 'invalid_request_error') => ({ error: { message, type, param: null, code } });
