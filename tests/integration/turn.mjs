// What a scripted model does in one answer, in no protocol's words.
//
// A turn is {steps, ...options}; each step is one of the builders below. Options that every
// dialect understands: usage {input, cached, output, reasoning}, finish ('stop' | 'length' | 'content_filter'),
// id, piece (characters per delta), pace_ms (between events). How the bytes travel and fail is
// described in wire.mjs.

export const say = (text) => ({ text });
export const think = (text) => ({ reasoning: text });
export const think_hidden = (text) => ({ redacted: text });
export const call = (name, args, { id, namespace } = {}) => ({ call: { name, args, id, namespace } });
export const custom_call = (name, input, { id } = {}) => ({ custom: { name, input, id } });

export const compaction = (text) => ({ compaction: text });

export const answer = (...steps) => ({ steps });
export const fail = (status, body = {}, headers = {}) => ({ status, body, headers });

let counter = 0;
export const fresh_id = (prefix) => `${prefix}_fake${String(++counter).padStart(6, '0')}`;

export const usage_of = (turn) => ({ input: 100, cached: 0, output: 10, reasoning: 0, ...turn.usage });

export const pieces = (text, size = 5) => {
  const out = [];
  const points = [...text];
  for (let i = 0; i < points.length; i += size) out.push(points.slice(i, i + size).join(''));
  return out;
};

const arguments_text = (args) => (typeof args === 'string' ? args : JSON.stringify(args));

// How the tools of this very request spell the tool a step wants. A model knows a namespaced or
// custom tool only by what it was offered: as itself, or flattened to a function.
// Returns {kind: 'function' | 'custom', name, namespace?, payload} or null when it was not offered.
export const resolve_call = (step, functions) => {
  const wanted = step.call ?? step.custom;
  const exact = functions.find(
    (f) => f.name === wanted.name && (f.namespace ?? undefined) === wanted.namespace);
  const flattened = functions.find(
    (f) => wanted.namespace && !f.namespace && f.name.startsWith(wanted.namespace.slice(0, 12)) &&
      f.name.endsWith(wanted.name));
  const tool = exact ?? flattened;
  if (!tool) return null;
  if (step.call) {
    return { kind: 'function', name: tool.name, namespace: tool.namespace, payload: arguments_text(step.call.args) };
  }
  if (tool.kind === 'custom') return { kind: 'custom', name: tool.name, payload: step.custom.input };
  const parameters = Object.keys(tool.parameters?.properties ?? {});
  if (parameters.length !== 1) return null;
  return { kind: 'function', name: tool.name, payload: JSON.stringify({ [parameters[0]]: step.custom.input }) };
};
