// Bytes straight onto a socket, for requests no HTTP library would send.

import net from 'node:net';
import { slow } from './tpool.mjs';

export class RawClient {
  static open(port) {
    return new Promise((resolve, reject) => {
      const client = new RawClient();
      client.parts = [];
      client.size = 0;
      client.closed = false;
      client.socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      client.socket.setNoDelay(true);
      client.socket.on('data', (data) => { client.parts.push(data); client.size += data.length; client.wake?.(); });
      client.socket.on('end', () => { client.closed = true; client.wake?.(); });
      client.socket.on('close', () => { client.closed = true; client.wake?.(); });
      client.socket.on('error', (error) => { client.error = error; });
      client.socket.once('connect', () => resolve(client));
      client.socket.once('error', reject);
    });
  }

  get received() {
    if (this.parts.length !== 1) this.parts = [Buffer.concat(this.parts)];
    return this.parts[0];
  }
  get text() { return this.received.toString('latin1'); }

  // Resolves when all of it was handed to the system, or the peer is gone.
  send(bytes) {
    return new Promise((resolve) => {
      if (this.socket.destroyed) return resolve(false);
      this.socket.write(bytes, (error) => resolve(!error));
    });
  }

  // Waits until `holds(text)` or the peer closes; false at the limit. The text is only put together for
  // one who asks for it.
  async until(holds, limit_ms = 5000 * slow) {
    const end = Date.now() + limit_ms;
    const met = () => (holds.length > 0 ? holds(this.text) : holds());
    while (!met()) {
      if (this.closed || Date.now() > end) return met();
      await new Promise((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, Math.max(1, end - Date.now())).unref();
      });
    }
    return true;
  }

  // Whether the peer closes within the limit.
  async until_closed(limit_ms = 5000 * slow) {
    await this.until(() => this.closed, limit_ms);
    return this.closed;
  }

  status() { return Number(/^HTTP\/1\.[01] (\d{3})/.exec(this.text)?.[1] ?? 0); }
  statuses() { return [...this.text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((m) => Number(m[1])); }
  half_close() { this.socket.end(); }
  reset() { (this.socket.resetAndDestroy ?? this.socket.destroy).call(this.socket); }
  close() { this.socket.destroy(); }
}
