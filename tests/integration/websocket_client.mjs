// A WebSocket client small enough to send what no library would.

import { createHash, randomBytes } from 'node:crypto';
import { RawClient } from './raw.mjs';
import { slow, token } from './tpool.mjs';

export const frame = (payload, { opcode = 1, fin = true, masked = true } = {}) => {
  const data = Buffer.from(payload);
  const size = data.length < 126 ? Buffer.from([data.length]) : data.length < 65536
    ? Buffer.from([126, data.length >> 8, data.length & 255])
    : Buffer.concat([Buffer.from([127, 0, 0, 0, 0]), Buffer.from([data.length >>> 24, (data.length >> 16) & 255, (data.length >> 8) & 255, data.length & 255])]);
  size[0] |= masked ? 0x80 : 0;
  const mask = masked ? randomBytes(4) : Buffer.alloc(0);
  const body = masked ? data.map((byte, i) => byte ^ mask[i % 4]) : data;
  return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | opcode]), size, mask, body]);
};

export class WebSocketClient {
  // `status` is that of the handshake; with 101 the connection is open.
  static async open(tpool, { path = '/v1/responses', headers = {}, bearer = token } = {}) {
    const client = new WebSocketClient();
    client.raw = await RawClient.open(tpool.port);
    client.key = randomBytes(16).toString('base64');
    const fields = { host: `127.0.0.1:${tpool.port}`, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': client.key,
      'openai-beta': 'responses_websockets=2026-02-06', ...(bearer ? { authorization: `Bearer ${bearer}` } : {}), ...headers };
    await client.raw.send(`GET ${path} HTTP/1.1\r\n${Object.entries(fields).filter(([, v]) => v !== null).map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`);
    await client.raw.until((text) => text.includes('\r\n\r\n'));
    client.status = client.raw.status();
    client.at = client.raw.received.indexOf('\r\n\r\n') + 4;
    const accept = createHash('sha1').update(`${client.key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    if (client.status === 101 && !client.raw.text.toLowerCase().includes(`sec-websocket-accept: ${accept.toLowerCase()}`)) throw new Error('a wrong Sec-WebSocket-Accept');
    return client;
  }

  send(value) { return this.raw.send(frame(typeof value === 'string' ? value : JSON.stringify(value))); }

  // The next frame as {opcode, text}, or null when the peer closed or nothing came in time.
  async next(limit_ms = 5000 * slow) {
    const whole = () => {
      const bytes = this.raw.received.subarray(this.at);
      if (bytes.length < 2) return null;
      const short = bytes[1] & 127;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length < head) return null;
      const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
      return bytes.length < head + size ? null : { opcode: bytes[0] & 15, text: bytes.subarray(head, head + size).toString(), size: head + size };
    };
    await this.raw.until(() => whole() !== null, limit_ms);
    const found = whole();
    if (found) this.at += found.size;
    return found;
  }

  // Events up to the last one of a response, or one of type error.
  async response(limit_ms) {
    const events = [];
    for (;;) {
      const got = await this.next(limit_ms);
      if (!got || got.opcode === 8) return { events, closed: true };
      if (got.opcode !== 1) continue;
      events.push(JSON.parse(got.text));
      if (/^(error|response\.(completed|failed|incomplete))$/.test(events.at(-1).type)) return { events, last: events.at(-1), id: events.at(-1).response?.id };
    }
  }

  close() { this.raw.close(); }
}
