// A strict provider of the Responses protocol: what it accepts, and how it says a turn.

import * as shape from './shape.mjs';
import { fresh_id, pieces, resolve_call, usage_of } from './turn.mjs';

const { any, array, boolean, either, integer, matching, nullable, number, object, one_of, record, string, tagged, text, up_to } = shape;

export const path = '/responses';

const tool_name = matching(/^[A-Za-z0-9_-]{1,64}$/);
const id = (prefix) => matching(new RegExp(`^${prefix}_[A-Za-z0-9_-]{1,60}$`));
const status = one_of('in_progress', 'completed', 'incomplete');
const data_or_link = matching(/^(data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*|https?:\/\/\S+)$/);

const input_part = tagged('type', {
  input_text: object({ type: any, text: string }),
  input_image: object({ type: any, image_url: data_or_link }, { detail: nullable(one_of('auto', 'low', 'high', 'original')) }),
  input_file: object({ type: any }, { file_data: string, file_id: string, filename: string, file_url: string }),
});
const output_part = tagged('type', {
  output_text: object({ type: any, text: string }, { annotations: array(any), logprobs: array(any) }),
  refusal: object({ type: any, refusal: string }),
});
const message_rest = { type: one_of('message'), id: id('msg'), status, phase: nullable(one_of('commentary', 'final_answer')) };
const message = tagged('role', Object.fromEntries([
  ...['user', 'system', 'developer'].map((role) =>
    [role, object({ role: any, content: either(string, array(input_part, { min: 1 })) }, message_rest)]),
  ['assistant', object({ role: any, content: either(string, array(output_part, { min: 1 })) }, message_rest)],
]));
const tool_output = either(string, array(input_part, { min: 1 }));

const item = tagged('type', {
  message,
  reasoning: object({ type: any, summary: array(object({ type: one_of('summary_text'), text: string })) },
    { id: id('rs'), status, encrypted_content: nullable(string),
      content: nullable(array(object({ type: one_of('reasoning_text'), text: string }))) }),
  function_call: object({ type: any, call_id: up_to(64), name: tool_name, arguments: string },
    { id: id('fc'), status, namespace: tool_name }),
  function_call_output: object({ type: any, call_id: up_to(64), output: tool_output }, { id: id('fco'), status }),
  custom_tool_call: object({ type: any, call_id: up_to(64), name: tool_name, input: string }, { id: id('ctc'), status }),
  custom_tool_call_output: object({ type: any, call_id: up_to(64), output: tool_output }, { id: id('ctco'), status }),
  web_search_call: object({ type: any }, { id: id('ws'), status, action: record }),
  compaction_trigger: object({ type: any }),
  compaction: object({ type: any, encrypted_content: text }, { id: id('cmp') }),
}, 'message');

const function_tool = object({ type: one_of('function'), name: tool_name, parameters: nullable(record) },
  { description: string, strict: nullable(boolean), defer_loading: boolean });
const tool = tagged('type', {
  function: function_tool,
  namespace: object({ type: any, name: tool_name, description: string, tools: array(function_tool, { min: 1 }) }),
  custom: object({ type: any, name: tool_name }, { description: string, format: tagged('type', {
    text: object({ type: any }),
    grammar: object({ type: any, syntax: one_of('lark', 'regex'), definition: text }),
  }) }),
  web_search: object({ type: any }, { external_web_access: boolean, search_content_types: array(string),
    filters: nullable(record), user_location: nullable(record), search_context_size: string }),
});

const format = tagged('type', {
  text: object({ type: any }),
  json_object: object({ type: any }),
  json_schema: object({ type: any, name: tool_name, schema: record }, { strict: nullable(boolean), description: string }),
});

const request = object({ model: text, input: either(text, array(item, { min: 1 })) }, {
  stream: nullable(boolean), instructions: nullable(string), tools: array(tool),
  tool_choice: either(one_of('auto', 'none', 'required'), record), parallel_tool_calls: nullable(boolean),
  reasoning: nullable(object({}, { effort: nullable(one_of('none', 'minimal', 'low', 'medium', 'high', 'xhigh')),
    summary: nullable(one_of('auto', 'concise', 'detailed')) })),
  store: nullable(boolean), include: nullable(array(one_of('reasoning.encrypted_content', 'web_search_call.action.sources'))),
  prompt_cache_key: nullable(string), text: object({}, { format, verbosity: nullable(one_of('low', 'medium', 'high')) }),
  service_tier: nullable(string), client_metadata: nullable(record), metadata: nullable(record),
  max_output_tokens: nullable(integer(16)), temperature: nullable(number), top_p: nullable(number),
  truncation: nullable(string), user: string, safety_identifier: string, stream_options: nullable(record),
});

const outputs_of = { function_call: 'function_call_output', custom_tool_call: 'custom_tool_call_output' };

const pairing_faults = (items) => {
  const faults = [];
  const open = new Map();
  items.forEach((element, i) => {
    if (outputs_of[element.type]) {
      if (open.has(element.call_id)) faults.push(`body.input[${i}]: call_id ${element.call_id} is already open`);
      open.set(element.call_id, outputs_of[element.type]);
    } else if (Object.values(outputs_of).includes(element.type)) {
      if (open.get(element.call_id) !== element.type)
        faults.push(`body.input[${i}]: no tool call found for ${element.type} ${element.call_id}`);
      open.delete(element.call_id);
    }
  });
  for (const call_id of open.keys()) faults.push(`body.input: no tool output found for call ${call_id}`);
  return faults;
};

const repeated = (names) => names.filter((name, i) => names.indexOf(name) !== i);

// Every fault of a request body. `mint` is the prefix of encrypted reasoning this provider made.
export const faults = (body, { mint, namespaces, compaction }) => {
  const found = shape.faults_of(request, body);
  if (found.length > 0) return found;
  if (Array.isArray(body.input)) body.input.forEach((element, i) => {
    if (!/^compaction/.test(element.type)) return;
    if (!compaction) found.push(`body.input[${i}].type: unknown value ${element.type}`);
    else if (element.type === 'compaction_trigger' && i + 1 < body.input.length) found.push(`body.input[${i}]: not the last item`);
    else if (element.type === 'compaction' && !element.encrypted_content.startsWith(mint)) found.push(`body.input[${i}].encrypted_content: could not be verified`);
  });
  if (!namespaces) {
    for (const t of body.tools ?? []) if (t.type === 'namespace') found.push(`body.tools: unknown type namespace (${t.name})`);
    if (Array.isArray(body.input) && body.input.some((i) => i.namespace)) found.push('body.input: unknown parameter namespace');
  }
  if (Array.isArray(body.input)) {
    found.push(...pairing_faults(body.input));
    body.input.forEach((element, i) => {
      if (element.type !== 'reasoning') return;
      if (element.encrypted_content && !element.encrypted_content.startsWith(mint))
        found.push(`body.input[${i}].encrypted_content: could not be verified`);
      if (body.store === false && element.id && !element.encrypted_content)
        found.push(`body.input[${i}].id: item ${element.id} not found, items are not persisted when store is false`);
      if (element.content?.length > 0) found.push(`body.input[${i}].content: array too long, expected at most 0`);
    });
  }
  for (const name of repeated((body.tools ?? []).map((t) => t.name).filter(Boolean)))
    found.push(`body.tools: ${name} is there twice`);
  return found;
};

const offered = (body) => (body.tools ?? []).flatMap((t) => {
  if (t.type === 'namespace') return t.tools.map((f) => ({ ...f, kind: 'function', namespace: t.name }));
  return t.type === 'function' || t.type === 'custom' ? [{ ...t, kind: t.type }] : [];
});

const item_of = (step, body, { mint }) => {
  if (step.compaction !== undefined)
    return { type: 'compaction', id: fresh_id('cmp'), encrypted_content: `${mint}${Buffer.from(step.compaction).toString('base64')}` };
  if (step.text !== undefined)
    return { type: 'message', id: fresh_id('msg'), role: 'assistant', status: 'completed',
      content: [{ type: 'output_text', text: step.text, annotations: [] }] };
  if (step.reasoning !== undefined)
    return { type: 'reasoning', id: fresh_id('rs'), summary: [{ type: 'summary_text', text: step.reasoning }],
      encrypted_content: `${mint}${Buffer.from(step.reasoning).toString('base64')}` };
  const found = resolve_call(step, offered(body));
  if (!found) throw new Error(`the request offers no tool ${(step.call ?? step.custom).name}`);
  const call_id = (step.call ?? step.custom).id ?? fresh_id('call');
  if (found.kind === 'custom')
    return { type: 'custom_tool_call', id: fresh_id('ctc'), status: 'completed', call_id, name: found.name, input: found.payload };
  return { type: 'function_call', id: fresh_id('fc'), status: 'completed', call_id, name: found.name,
    ...(found.namespace ? { namespace: found.namespace } : {}), arguments: found.payload };
};

export const usage = (turn) => {
  const u = usage_of(turn);
  return { input_tokens: u.input, input_tokens_details: { cached_tokens: u.cached }, output_tokens: u.output,
    output_tokens_details: { reasoning_tokens: u.reasoning }, total_tokens: u.input + u.output };
};

const response = (turn, body, state, output) => ({
  id: turn.id ?? fresh_id('resp'), object: 'response', created_at: 1760000000, status: state, model: body.model, output,
  ...(state === 'incomplete' ? { incomplete_details: { reason: turn.finish === 'length' ? 'max_output_tokens' : turn.finish } } : {}),
  ...(state === 'in_progress' ? {} : { usage: usage(turn) }),
});

const final_state = (turn) => (['length', 'content_filter'].includes(turn.finish) ? 'incomplete' : 'completed');

export const whole = (turn, body, provider) =>
  response(turn, body, final_state(turn), turn.steps.map((step) => item_of(step, body, provider)));

const deltas = {
  message: (out, i, element, size) => {
    const at = { item_id: element.id, output_index: i, content_index: 0 };
    out.push({ type: 'response.content_part.added', ...at, part: { type: 'output_text', text: '', annotations: [] } });
    for (const delta of pieces(element.content[0].text, size)) out.push({ type: 'response.output_text.delta', ...at, delta });
    out.push({ type: 'response.output_text.done', ...at, text: element.content[0].text });
  },
  reasoning: (out, i, element, size) => {
    const at = { item_id: element.id, output_index: i, summary_index: 0 };
    out.push({ type: 'response.reasoning_summary_part.added', ...at, part: { type: 'summary_text', text: '' } });
    for (const delta of pieces(element.summary[0].text, size))
      out.push({ type: 'response.reasoning_summary_text.delta', ...at, delta });
    out.push({ type: 'response.reasoning_summary_text.done', ...at, text: element.summary[0].text });
  },
  function_call: (out, i, element, size) => {
    const at = { item_id: element.id, output_index: i };
    for (const delta of pieces(element.arguments, size)) out.push({ type: 'response.function_call_arguments.delta', ...at, delta });
    out.push({ type: 'response.function_call_arguments.done', ...at, arguments: element.arguments });
  },
  custom_tool_call: (out, i, element, size) => {
    const at = { item_id: element.id, output_index: i };
    for (const delta of pieces(element.input, size)) out.push({ type: 'response.custom_tool_call_input.delta', ...at, delta });
    out.push({ type: 'response.custom_tool_call_input.done', ...at, input: element.input });
  },
};

const opening = (element) => {
  const empty = { message: { content: [] }, reasoning: { summary: [] }, function_call: { arguments: '' }, custom_tool_call: { input: '' } };
  return { ...element, status: 'in_progress', ...empty[element.type] };
};

// The events of a streamed answer, as {event, data}.
export const events = (turn, body, provider) => {
  const start = response(turn, body, 'in_progress', []);
  const list = [{ type: 'response.created', response: start }, { type: 'response.in_progress', response: start }];
  const output = turn.steps.map((step) => item_of(step, body, provider));
  output.forEach((element, i) => {
    list.push({ type: 'response.output_item.added', output_index: i, item: opening(element) });
    deltas[element.type]?.(list, i, element, turn.piece);
    list.push({ type: 'response.output_item.done', output_index: i, item: element });
  });
  const end = { ...response(turn, body, final_state(turn), output), id: start.id };
  list.push({ type: `response.${end.status}`, response: end });
  return list.map((data, i) => ({ event: data.type, data: JSON.stringify({ ...data, sequence_number: i }) }));
};

// The endpoint beside it that compacts a conversation.
export const compact = {
  path: '/responses/compact',
  faults: (body, provider) => shape.faults_of(object({ model: text, input: either(text, array(item, { min: 1 })) }, { instructions: string }), body)
    .concat(faults({ model: body.model, input: body.input }, provider)),
  whole: (turn, body, provider) => ({ id: fresh_id('resp'), object: 'response.compaction', created_at: 1760000000,
    output: turn.steps.map((step) => item_of(step, body, provider)), usage: usage(turn) }),
};

export const error_body = (message, code, type = 'invalid_request_error') => ({ error: { message, type, param: null, code } });
