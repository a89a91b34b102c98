// `codex app-server` over stdio: the process behind Codex's interactive screen, driven by JSON-RPC.

import { createInterface } from 'node:readline';
import { start } from '../integration/process.mjs';
import { slow } from '../integration/tpool.mjs';

export class AppServer {
  static async start(codex, { env, cwd }) {
    const server = new AppServer();
    server.child = start(codex, ['app-server'], { env, cwd, input: null });
    server.waiting = new Map();
    server.heard = [];
    server.listeners = new Set();
    server.next_id = 1;
    server.lines = createInterface({ input: server.child.stdout }).on('line', (line) => server.#hear(JSON.parse(line)));
    await server.call('initialize', { clientInfo: { name: 'tpool-tests', version: '1' } });
    server.#send({ method: 'initialized' });
    return server;
  }

  #send(message) {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #hear(message) {
    const waiter = this.waiting.get(message.id);
    if (waiter && !message.method) {
      this.waiting.delete(message.id);
      return message.error ? waiter.reject(new Error(JSON.stringify(message.error))) : waiter.resolve(message.result);
    }
    this.heard.push(message);
    for (const listener of this.listeners) listener(message);
  }

  #limited(what, limit_ms, attach) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`app-server: no ${what} within ${limit_ms} ms\n${this.child.err}`)), limit_ms * slow);
      attach((value) => { clearTimeout(timer); resolve(value); }, (error) => { clearTimeout(timer); reject(error); });
    });
  }

  call(method, params, limit_ms = 15_000) {
    const id = this.next_id++;
    return this.#limited(`answer to ${method}`, limit_ms, (resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.#send({ id, method, params });
    });
  }

  // The next notification of this method, or one already heard after `from`.
  notification(method, from = 0, limit_ms = 30_000) {
    const already = this.heard.slice(from).find((m) => m.method === method);
    if (already) return Promise.resolve(already.params);
    return this.#limited(method, limit_ms, (resolve) => {
      const listener = (message) => {
        if (message.method !== method) return;
        this.listeners.delete(listener);
        resolve(message.params);
      };
      this.listeners.add(listener);
    });
  }

  // The slugs in the picker, in its order.
  async models() {
    const { data } = await this.call('model/list', {});
    return data.map((m) => m.model);
  }

  async thread(cwd, model) {
    const { thread } = await this.call('thread/start', { cwd, model, approvalPolicy: 'never', sandbox: 'danger-full-access' });
    return thread.id;
  }

  // One turn to its end; the text of the last message.
  async turn(thread_id, text, { model } = {}) {
    const from = this.heard.length;
    await this.call('turn/start', { threadId: thread_id, input: [{ type: 'text', text }], ...(model ? { model } : {}) });
    const { turn } = await this.notification('turn/completed', from);
    const said = this.heard.slice(from).filter((m) => m.method === 'item/completed' && m.params.item.type === 'agentMessage');
    return { status: turn.status, error: turn.error, text: said.at(-1)?.params.item.text };
  }

  async close() {
    // Killed in the middle of a line it says half of it.
    this.lines.removeAllListeners('line');
    this.child.kill_group('SIGTERM');
    const timer = setTimeout(() => this.child.kill_group('SIGKILL'), 3000);
    await this.child.ended;
    clearTimeout(timer);
  }
}
