// A tiny MCP server on stdin and stdout: one tool that echoes, one that answers with a picture.

import { createInterface } from 'node:readline';

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const tools = [
  { name: 'echo', description: 'Says the text again.',
    inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] } },
  { name: 'picture', description: 'Draws one pixel.', inputSchema: { type: 'object', properties: {} } },
];

const call = ({ name, arguments: args }) => {
  if (name === 'echo') return { content: [{ type: 'text', text: `echo: ${args.text}` }] };
  if (name === 'picture') return { content: [{ type: 'image', data: pixel, mimeType: 'image/png' }] };
  return { isError: true, content: [{ type: 'text', text: `no tool ${name}` }] };
};

const answers = {
  initialize: (params) => ({ protocolVersion: params.protocolVersion, capabilities: { tools: {} },
    serverInfo: { name: 'echo', version: '1.0.0' } }),
  ping: () => ({}),
  'tools/list': () => ({ tools }),
  'tools/call': call,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const reply = answers[method]
    ? { result: answers[method](params) }
    : { error: { code: -32601, message: `no method ${method}` } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...reply })}\n`);
}
