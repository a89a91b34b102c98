// Reads what a provider was sent, in any protocol: messages, pictures, tool results, reasoning, the schema.

const parts_text = (content) => (typeof content === 'string' ? content : (content ?? []).map((p) => p.text ?? '').join(''));
const parts_images = (content) => (Array.isArray(content) ? content : [])
  .map((p) => (typeof p.image_url === 'string' ? p.image_url : p.image_url?.url)).filter(Boolean);
const inline_images = (parts) => parts.map((p) => p.inlineData).filter(Boolean).map((d) => `data:${d.mimeType};base64,${d.data}`);

const gemini_history = ({ systemInstruction, contents }) => [
  ...(systemInstruction ? [{ role: 'system', text: parts_text(systemInstruction.parts), images: [] }] : []),
  ...contents.flatMap(({ role, parts }) => {
    const results = parts.filter((p) => p.functionResponse).map((p) => p.functionResponse);
    if (results.length > 0) return results.map((r) => ({ role: 'tool', text: r.response.output ?? r.response.error, images: inline_images(r.parts ?? []) }));
    return [{ role: role === 'model' ? 'assistant' : role, text: parts_text(parts), images: inline_images(parts) }];
  })];

// The Messages protocol: blocks, in turns of which a tool's results are part of the user's.
const is_messages = ({ headers }) => Boolean(headers['anthropic-version']);
const blocks_of = (content) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content);
const block_images = (blocks) => blocks.filter((b) => b.type === 'image').map(({ source: s }) => s.url ?? `data:${s.media_type};base64,${s.data}`);
const messages_history = ({ system, messages }) => [...(system ? [{ role: 'system', text: parts_text(system), images: [] }] : []),
  ...messages.flatMap(({ role, content: said }) => {
    const content = blocks_of(said);
    const results = content.filter((b) => b.type === 'tool_result');
    const rest = content.filter((b) => b.type !== 'tool_result');
    return [...results.map((r) => ({ role: 'tool', text: parts_text(r.content), images: block_images([r.content].flat()) })),
      ...(rest.length > 0 ? [{ role, text: parts_text(rest), images: block_images(rest) }] : [])];
  })];

// [{role, text, images}] in order; tool results have the role `tool`.
export const history = ({ body, headers }) => (is_messages({ headers }) ? messages_history(body) : body.contents ? gemini_history(body) : (body.messages ?? body.input).map((m) => {
  const content = m.content ?? m.output;
  const role = m.role ?? (/_output$/.test(m.type) ? 'tool' : m.type);
  return { role, text: parts_text(content), images: parts_images(content) };
}));

// [{id, text}] of the tool results, in order.
export const tool_results = ({ body, headers }) => {
  if (is_messages({ headers })) return body.messages.flatMap((m) => blocks_of(m.content)).filter((b) => b.type === 'tool_result')
    .map((b) => ({ id: b.tool_use_id, text: parts_text(b.content) }));
  if (body.contents) return body.contents.flatMap((c) => c.parts).filter((p) => p.functionResponse)
    .map(({ functionResponse: r }) => ({ id: r.id, text: r.response.output ?? r.response.error }));
  return body.messages
    ? body.messages.filter((m) => m.role === 'tool').map((m) => ({ id: m.tool_call_id, text: parts_text(m.content) }))
    : body.input.filter((m) => /_output$/.test(m.type ?? '')).map((m) => ({ id: m.call_id, text: parts_text(m.output) }));
};

// The reasoning that went back: its words, or what stands for them.
export const reasoning_sent = ({ body, headers }) => {
  if (is_messages({ headers })) return body.messages.flatMap((m) => blocks_of(m.content)).filter((b) => b.type === 'thinking').map((b) => b.thinking);
  if (body.contents) return body.contents.flatMap((c) => c.parts).map((p) => p.thoughtSignature).filter(Boolean);
  return body.messages
    ? body.messages.map((m) => m.reasoning_content).filter(Boolean)
    : body.input.filter((i) => i.type === 'reasoning').map((i) => i.encrypted_content).filter(Boolean);
};
