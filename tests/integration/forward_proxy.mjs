// A small HTTP proxy on loopback: absolute-form requests and CONNECT tunnels, with optional password; with
// `tls` ({key, cert}) it is reached through TLS itself.

import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

export class ForwardProxy {
  static async start({ user, tls } = {}) {
    const proxy = new ForwardProxy();
    proxy.forwarded = [];
    proxy.tunnels = [];
    proxy.refused = 0;
    const allowed = (request) => {
      const wanted = user && `Basic ${Buffer.from(user).toString('base64')}`;
      if (!wanted || request.headers['proxy-authorization'] === wanted) return true;
      proxy.refused += 1;
      return false;
    };
    proxy.scheme = tls ? 'https' : 'http';
    const forward = (request, response) => {
      if (!allowed(request)) return response.writeHead(407, { 'content-length': 0 }).end();
      proxy.forwarded.push(request.url);
      const url = new URL(request.url);
      const headers = { ...request.headers };
      delete headers['proxy-authorization'];
      delete headers['proxy-connection'];
      const onward = http.request({ host: url.hostname, port: url.port, path: url.pathname + url.search, method: request.method, headers },
        (reply) => { response.writeHead(reply.statusCode, reply.headers); reply.pipe(response); });
      onward.on('error', () => response.destroy());
      response.on('close', () => onward.destroy());
      request.pipe(onward);
    };
    proxy.server = tls ? https.createServer(tls, forward) : http.createServer(forward);
    proxy.server.on('connect', (request, socket, head) => {
      socket.on('error', () => {});
      if (!allowed(request)) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      proxy.tunnels.push(request.url);
      const [host, port] = request.url.split(':');
      const onward = net.connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.write(head);
        socket.pipe(onward).pipe(socket);
      });
      onward.on('error', () => socket.destroy());
      socket.on('close', () => onward.destroy());
    });
    proxy.sockets = new Set();
    proxy.connections = 0;
    proxy.server.on('connection', (socket) => { proxy.connections += 1; proxy.sockets.add(socket); socket.on('close', () => proxy.sockets.delete(socket)); });
    await new Promise((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url() { return `${this.scheme}://${this.scheme === 'https' ? 'localhost' : '127.0.0.1'}:${this.port}`; }
  get port() { return this.server.address().port; }

  async close() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
