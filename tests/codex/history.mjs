// Reads what a provider was sent, in either protocol: messages, pictures, tool results.

const parts_text = (content) => (typeof content === 'string' ? content : (content ?? []).map((p) => p.text ?? '').join(''));
const parts_images = (content) => (Array.isArray(content) ? content : [])
  .map((p) => (typeof p.image_url === 'string' ? p.image_url : p.image_url?.url)).filter(Boolean);

// [{role, text, images}] in order; tool results have the role `tool`.
export const history = ({ body }) => (body.messages ?? body.input).map((m) => {
  const content = m.content ?? m.output;
  const role = m.role ?? (/_output$/.test(m.type) ? 'tool' : m.type);
  return { role, text: parts_text(content), images: parts_images(content) };
});

// [{id, text}] of the tool results, in order.
export const tool_results = ({ body }) => (body.messages
  ? body.messages.filter((m) => m.role === 'tool').map((m) => ({ id: m.tool_call_id, text: parts_text(m.content) }))
  : body.input.filter((m) => /_output$/.test(m.type ?? '')).map((m) => ({ id: m.call_id, text: parts_text(m.output) })));
