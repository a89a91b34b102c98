// The clients of the matrix: one conversation, said in each protocol, and the answer read back.
//
// A conversation is {turns, tools, choice, effort, schema, max}, each turn one of
//   {system}, {developer}, {user, image?}, {assistant}, {calls: [{id, name, args}], text?},
//   {results: [{id, text, image?, failed?}]}
// request(conversation, model, stream) -> {path, headers?, body}
// read(reply, stream) -> {text, reasoning, calls: [{id, name, args}], finish, usage, error}, where finish
// is stop, tools, length or refused.

import assert from 'node:assert/strict';
import * as chat_client from './chat_client.mjs';
import * as messages_client from './messages_client.mjs';
import * as responses_client from './responses_client.mjs';

const parsed = (text) => { try { return JSON.parse(text); } catch { return text; } };

const responses = {
  request({ turns, tools, choice, effort, schema, max }, model, stream) {
    const words = (role, text, image) => ({ type: 'message', role, content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text },
      ...(image ? [{ type: 'input_image', image_url: image }] : [])] });
    const input = turns.flatMap((turn) => {
      if (turn.calls) return [...(turn.text ? [words('assistant', turn.text)] : []),
        ...turn.calls.map(({ id, name, args }) => ({ type: 'function_call', call_id: id, name, arguments: JSON.stringify(args) }))];
      if (turn.results) return turn.results.map(({ id, text, image }) => ({ type: 'function_call_output', call_id: id,
        output: image ? [{ type: 'input_text', text }, { type: 'input_image', image_url: image }] : text }));
      const role = ['system', 'developer', 'user', 'assistant'].find((r) => turn[r] !== undefined);
      return [words(role, turn[role], turn.image)];
    });
    return { path: '/v1/responses', body: { model, input, stream, store: false,
      ...(tools ? { tools: tools.map((t) => ({ type: 'function', strict: false, ...t })) } : {}),
      ...(choice ? { tool_choice: choice.name ? { type: 'function', name: choice.name } : choice } : {}),
      ...(effort ? { reasoning: { effort, summary: 'auto' } } : {}), ...(max ? { max_output_tokens: max } : {}),
      ...(schema ? { text: { format: { type: 'json_schema', name: 'out', strict: true, schema } } } : {}) } };
  },
  read(reply, stream) {
    const said = stream ? responses_client.read_stream(reply.text) : responses_client.read_whole(reply.json());
    const response = stream ? said.response : reply.json();
    if (stream) assert.ok(said.end, `the stream has no end: ${reply.text.slice(-300)}`);
    const why = response?.incomplete_details?.reason;
    const refused = why === 'content_filter' || said.items.some((i) => i.content?.some((p) => p.type === 'refusal'));
    const usage = said.usage && { input: said.usage.input_tokens, cached: said.usage.input_tokens_details.cached_tokens,
      output: said.usage.output_tokens, reasoning: said.usage.output_tokens_details.reasoning_tokens };
    // Text counts once its item is done; of an answer that broke off there are only pieces.
    const pieces = said.error && stream ? said.events.filter((e) => e.type === 'response.output_text.delta').map((e) => e.delta).join('') : '';
    return { text: said.text || pieces, reasoning: said.reasoning, usage, error: said.error ?? null,
      calls: said.calls.map((c) => ({ id: c.call_id, name: c.name, args: parsed(c.arguments) })),
      finish: refused ? 'refused' : why === 'max_output_tokens' ? 'length' : said.calls.length > 0 ? 'tools' : 'stop' };
  },
};

const chat = {
  request({ turns, tools, choice, effort, schema, max }, model, stream) {
    const picture = (url) => ({ type: 'image_url', image_url: { url } });
    const messages = turns.flatMap((turn) => {
      if (turn.calls) return [{ role: 'assistant', content: turn.text ?? null, tool_calls: turn.calls.map(({ id, name, args }) =>
        ({ id, type: 'function', function: { name, arguments: JSON.stringify(args) } })) }];
      // Tools of this protocol answer in words alone: their pictures follow.
      if (turn.results) return [...turn.results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text })),
        ...turn.results.filter((r) => r.image).map((r) => ({ role: 'user', content: [picture(r.image)] }))];
      const role = ['system', 'developer', 'user', 'assistant'].find((r) => turn[r] !== undefined);
      return [{ role, content: turn.image ? [{ type: 'text', text: turn[role] }, picture(turn.image)] : turn[role] }];
    });
    return { path: '/v1/chat/completions', body: { model, messages, stream,
      ...(stream ? { stream_options: { include_usage: true } } : {}),
      ...(tools ? { tools: tools.map((t) => ({ type: 'function', function: t })) } : {}),
      ...(choice ? { tool_choice: choice.name ? { type: 'function', function: { name: choice.name } } : choice } : {}),
      ...(effort ? { reasoning_effort: effort } : {}), ...(max ? { max_tokens: max } : {}),
      ...(schema ? { response_format: { type: 'json_schema', json_schema: { name: 'out', strict: true, schema } } } : {}) } };
  },
  read(reply, stream) {
    const said = stream ? chat_client.read_stream(reply.text, { usage_wanted: true, relayed: true }) : chat_client.read_whole(reply.json());
    const finish = { stop: 'stop', tool_calls: 'tools', length: 'length', content_filter: 'refused' }[said.finish];
    const usage = said.usage && { input: said.usage.prompt_tokens, cached: said.usage.prompt_tokens_details.cached_tokens,
      output: said.usage.completion_tokens, reasoning: said.usage.completion_tokens_details.reasoning_tokens };
    return { text: said.text || said.refusal, reasoning: said.reasoning, usage, error: said.error,
      calls: said.calls.map((c) => ({ id: c.id, name: c.function.name, args: parsed(c.function.arguments) })),
      finish: said.refusal ? 'refused' : finish };
  },
};

const budgets = { none: null, low: 2048, medium: 8192, high: 16_384 };

const messages = {
  request({ turns, tools, choice, effort, schema, max }, model, stream) {
    const picture = (url) => ({ type: 'image', source: { type: 'base64', media_type: /^data:(.*?);/.exec(url)[1], data: url.split(',')[1] } });
    const said = (role, text, image) => ({ role, content: [{ type: 'text', text }, ...(image ? [picture(image)] : [])] });
    const list = turns.filter((turn, i) => i > 0 || !turn.system).map((turn) => {
      if (turn.calls) return { role: 'assistant', content: [...(turn.text ? [{ type: 'text', text: turn.text }] : []),
        ...turn.calls.map(({ id, name, args }) => ({ type: 'tool_use', id, name, input: args }))] };
      if (turn.results) return { role: 'user', content: turn.results.map(({ id, text, image, failed }) => ({ type: 'tool_result', tool_use_id: id,
        content: image ? [{ type: 'text', text }, picture(image)] : text, ...(failed ? { is_error: true } : {}) })) };
      if (turn.system ?? turn.developer) return { role: 'system', content: turn.system ?? turn.developer };
      return turn.assistant ? said('assistant', turn.assistant) : said('user', turn.user, turn.image);
    });
    return { path: '/v1/messages?beta=true', headers: { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'some-beta-2026-01-01' },
      body: { model, max_tokens: max ?? 32_000, messages: list, stream, ...(turns[0].system ? { system: [{ type: 'text', text: turns[0].system }] } : {}),
        ...(tools ? { tools: tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })) } : {}),
        ...(choice ? { tool_choice: choice.name ? { type: 'tool', name: choice.name } : { type: 'auto' } } : {}),
        ...(effort ? { thinking: budgets[effort] ? { type: 'enabled', budget_tokens: budgets[effort] } : { type: 'disabled' } } : {}),
        ...(schema ? { output_config: { format: { type: 'json_schema', schema } } } : {}) } };
  },
  read(reply, stream) {
    const { message, error } = stream ? messages_client.read_stream(reply.text) : messages_client.read_whole(reply.json());
    const of = (type) => message.content.filter((block) => block.type === type);
    const u = message.usage;
    return { text: of('text').map((b) => b.text).join(''), reasoning: of('thinking').map((b) => b.thinking).join(''), error,
      calls: of('tool_use').map((b) => ({ id: b.id, name: b.name, args: b.input })),
      usage: { input: u.input_tokens + (u.cache_read_input_tokens ?? 0) + (u.cache_creation_input_tokens ?? 0), cached: u.cache_read_input_tokens ?? 0,
        output: u.output_tokens, reasoning: u.output_tokens_details?.thinking_tokens ?? 0 },
      finish: { end_turn: 'stop', tool_use: 'tools', max_tokens: 'length', refusal: 'refused' }[message.stop_reason] };
  },
};

export const clients = { responses, chat, messages };
