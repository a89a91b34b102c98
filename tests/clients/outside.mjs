// The world outside, unreachable: a proxy on loopback that swallows whatever is asked of it, keeps the
// names and never answers. Nothing a client under test sends through it leaves the machine.

import http from 'node:http';

export class Outside {
  static async start() {
    const outside = new Outside();
    outside.asked = [];
    outside.sockets = new Set();
    const note = ({ method, url }) => outside.asked.push(`${method} ${url}`);
    outside.server = http.createServer(note).on('connect', note).on('connection', (socket) => {
      outside.sockets.add(socket);
      socket.on('error', () => {}).on('close', () => outside.sockets.delete(socket));
    });
    await new Promise((resolve) => outside.server.listen(0, '127.0.0.1', resolve));
    return outside;
  }

  get env() {
    const proxy = `http://127.0.0.1:${this.server.address().port}`;
    const open = '127.0.0.1,localhost';
    return { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, ALL_PROXY: proxy, NO_PROXY: open,
      http_proxy: proxy, https_proxy: proxy, all_proxy: proxy, no_proxy: open };
  }

  async close() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
