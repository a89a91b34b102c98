// A scratch tpool: its own TPOOL_HOME, its own port, the real binary.
//
// TPOOL_BIN names the binary (default: build/release/tpool). Nothing of the user's home, environment or
// proxies reaches it. TPOOL_SLOW stretches time limits (the sanitizer build sets 4).

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { run, start, stop } from './process.mjs';
import { sleep } from './wire.mjs';

export const repository = fileURLToPath(new URL('../..', import.meta.url));
export const binary = path.resolve(process.env.TPOOL_BIN ?? path.join(repository, 'build/release/tpool'));
export const slow = Number(process.env.TPOOL_SLOW ?? 1);
// What ASan keeps of freed memory to catch its late use: such growth is no leak of the server's.
export const quarantine_kib = Number(/quarantine_size_mb=(\d+)/.exec(process.env.ASAN_OPTIONS)?.[1] ?? 0) * 1024;
export const token = 'test-client-token-0123456789abcdef0123456789abcdef';
export const token_sha256 = createHash('sha256').update(token).digest('hex');

// Below the range the system takes its own from, so that no connection gets the port between this look
// and the server's; a slice of a hundred for each process, whose first port is held as long as the process
// lives, so that no other test takes the same.
const slices = 227;
const listening = (port) => new Promise((resolve) => {
  const server = net.createServer();
  server.once('error', () => resolve(null)).listen(port, '127.0.0.1', () => resolve(server));
});
const claim_slice = async () => {
  for (let i = 0; i < slices; i++) {
    const first = 10_000 + ((process.pid + i) % slices) * 100;
    const held = await listening(first);
    if (!held) continue;
    held.unref();
    return first;
  }
  throw new Error('every slice of ports is taken');
};
const slice = await claim_slice();
let turn = 0;
export const free_port = async () => {
  for (let i = 0; i < 99; i++) {
    const port = slice + 1 + (turn++ % 99);
    const server = await listening(port);
    if (!server) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  throw new Error(`no port is free from ${slice} on`);
};

const quoted = (value) => JSON.stringify(value);

// Tells tpool that a Responses provider knows no namespaces, so that it is spoken to through the IR.
export const quirks_of = ({ namespaces, signatures, dialect_name }) => {
  if (!namespaces) return 'quirks = { responses_namespaces = false }';
  return dialect_name === 'gemini' && signatures ? 'quirks = { signature_placeholder = "skip_thought_signature_validator" }' : '';
};

// TOML of one provider over a FakeProvider. `extra` is TOML for its table; `keys` TOML per key id.
export const provider_toml = (provider, { id = provider.name, extra = '', key_extra = '', model_extra = '', base_url = provider.base_url } = {}) => `
[[provider]]
id = ${quoted(id)}
name = ${quoted(id)}
protocol = ${quoted(provider.dialect_name)}
base_url = ${quoted(base_url)}
models = [${provider.models.map(quoted).join(', ')}]
${extra.includes('quirks') ? '' : quirks_of(provider)}
${extra}
${provider.keys.map((key, i) => `
[[provider.key]]
id = "key-${i + 1}"
value = ${quoted(key)}
${key_extra}`).join('')}
${provider.models.map((id) => `
[[provider.model]]
id = ${quoted(id)}
input = ["text", "image"]
${model_extra}`).join('')}
`;

export class Tpool {
  static async scratch({ providers = [], settings = '', store, clients = true } = {}) {
    const tpool = new Tpool();
    tpool.port = await free_port();
    tpool.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tpool-test-'));
    tpool.home = path.join(tpool.folder, 'home');
    tpool.codex_home = path.join(tpool.folder, 'codex');
    tpool.store_file = path.join(tpool.home, 'config/tpool.toml');
    for (const folder of ['home', 'home/config', 'codex', 'user'])
      fs.mkdirSync(path.join(tpool.folder, folder), { mode: 0o700 });
    tpool.settings = settings;
    tpool.clients = clients;
    tpool.write_store(store ?? providers.map((p) => (typeof p === 'string' ? p : provider_toml(p))).join('\n'));
    return tpool;
  }

  write_store(tables) {
    const client = this.clients ? `\n[[client]]\nid = "tests"\ntoken_sha256 = "${token_sha256}"\n` : '';
    const text = `version = 1\n\n[settings]\nlisten = "127.0.0.1:${this.port}"\n${this.settings}\n${tables}${client}`;
    fs.writeFileSync(`${this.store_file}.new`, text, { mode: 0o600 });
    fs.renameSync(`${this.store_file}.new`, this.store_file);
  }

  get base_url() { return `http://127.0.0.1:${this.port}`; }

  get env() {
    return { PATH: process.env.PATH, HOME: path.join(this.folder, 'user'), LANG: 'C.UTF-8', NO_COLOR: '1',
      TPOOL_HOME: this.home, CODEX_HOME: this.codex_home, NO_PROXY: '127.0.0.1,localhost',
      TPOOL_TRACEABLE: '1',
      ...(process.env.ASAN_OPTIONS ? { ASAN_OPTIONS: process.env.ASAN_OPTIONS } : {}),
      ...(process.env.UBSAN_OPTIONS ? { UBSAN_OPTIONS: process.env.UBSAN_OPTIONS } : {}) };
  }

  // One CLI call; input is its stdin.
  cli(args, { env = {}, input, limit_ms = 20_000 } = {}) {
    return run(binary, args, { env: { ...this.env, ...env }, cwd: this.folder, input, limit_ms: limit_ms * slow });
  }

  // One CLI call that must succeed.
  async must(args, options) {
    const done = await this.cli(args, options);
    if (done.code !== 0)
      throw new Error(`tpool ${args.join(' ')} ended with ${done.code ?? done.signal}\n${done.out}${done.err}`);
    return done;
  }

  async serve({ args = [], env = {} } = {}) {
    this.server = start(binary, ['serve', ...args], { env: { ...this.env, ...env }, cwd: this.folder });
    const from = Date.now();
    for (;;) {
      if (this.server.exitCode !== null || this.server.signalCode !== null)
        throw new Error(`tpool serve ended with ${this.server.exitCode ?? this.server.signalCode}\n${this.server.out}${this.server.err}`);
      if (await this.healthy()) break;
      if (Date.now() - from > 10_000 * slow) throw new Error(`tpool serve is not ready after 10 s\n${this.server.err}`);
      await sleep(10);
    }
    this.ready_ms = Date.now() - from;
    return this;
  }

  async healthy() {
    try {
      return (await this.request('GET', '/health', { token: null })).status === 200;
    } catch {
      return false;
    }
  }

  // One call of the admin socket that must succeed.
  admin(method, target) {
    const options = { method, socketPath: path.join(this.home, 'run/admin.sock'), path: target, agent: false, headers: { host: 'localhost' } };
    return new Promise((resolve, reject) => http.request(options, async (response) => {
      const parts = [];
      for await (const part of response) parts.push(part);
      const text = Buffer.concat(parts).toString();
      if (response.statusCode === 200) resolve(JSON.parse(text));
      else reject(new Error(`${method} ${target}: ${response.statusCode} ${text}`));
    }).on('error', reject).end());
  }

  // What the server remembers of its latest exchanges.
  async records() { return (await this.admin('GET', '/api/status')).recent; }

  // The server serves what the store says now.
  reload() { return this.admin('POST', '/api/reload'); }

  // Memory of the server's own in KiB, or what another line of its status says. Reading smaps would stop the
  // server for long, under the sanitizers.
  memory(line = 'RssAnon') {
    return Number(new RegExp(`${line}:\\s+(\\d+)`).exec(fs.readFileSync(`/proc/${this.server.pid}/status`, 'utf8'))[1]);
  }

  // Waits until it has grown by less than so much. ASan frees late what was let go (all of it at once, when
  // two threads meet there) and lays a shadow over everything.
  async has_grown_less(before, most_kib, limit_ms = 10_000 * slow) {
    const most = quarantine_kib ? 2 * most_kib + quarantine_kib : most_kib;
    const end = Date.now() + limit_ms;
    for (;;) {
      const grown = this.memory() - before;
      if (grown < most) return;
      if (Date.now() > end) assert.fail(`grew by ${grown} KiB`);
      await sleep(50);
    }
  }

  // The most memory the server held while `work` ran, over what it held before, in KiB.
  async most_growth(work) {
    fs.writeFileSync(`/proc/${this.server.pid}/clear_refs`, '5');  // the peak begins anew
    const before = this.memory('VmRSS');
    await work();
    return this.memory('VmHWM') - before;
  }

  descriptors() {
    return fs.readdirSync(`/proc/${this.server.pid}/fd`).length;
  }

  // Everybody who connected before is accepted first (the queue of the kernel is in order), then waits until
  // at most so many descriptors are open, or for the limit. Answers the number that was seen last.
  async descriptors_fall_to(most, limit_ms = 5000 * slow) {
    await this.request('GET', '/health', { token: null });
    const end = Date.now() + limit_ms;
    for (;;) {
      const seen = this.descriptors();
      if (seen <= most || Date.now() > end) return seen;
      await sleep(50);
    }
  }

  // One HTTP request; body: object, string or Buffer. Returns {status, headers, bytes, text, json()}.
  request(method, target, { body, headers = {}, token: with_token = token, limit_ms = 15_000, on_response } = {}) {
    const bytes = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const request = http.request({ host: '127.0.0.1', port: this.port, method, path: target, agent: false,
        headers: { ...(with_token ? { authorization: `Bearer ${with_token}` } : {}),
          ...(bytes ? { 'content-type': 'application/json', 'content-length': bytes.length } : {}), ...headers } });
      const timer = setTimeout(() => request.destroy(new Error(`no answer to ${method} ${target} within ${limit_ms} ms`)), limit_ms * slow);
      request.on('error', (error) => { clearTimeout(timer); reject(error); });
      request.on('response', (response) => {
        on_response?.(response, request);
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', (error) => { clearTimeout(timer); reject(error); });
        response.on('end', () => {
          clearTimeout(timer);
          const all = Buffer.concat(parts);
          resolve({ status: response.statusCode, headers: response.headers, bytes: all, text: all.toString(),
            json: () => JSON.parse(all.toString()) });
        });
      });
      request.end(bytes);
    });
  }

  // Ends the server (which must do so by itself) and removes everything.
  async close() {
    const runs = this.server?.exitCode === null && this.server.signalCode === null;
    if (runs) await stop(this.server, 'SIGTERM', 10_000 * slow);
    const stayed = runs && this.server.signalCode === 'SIGKILL';
    const complaint = this.server && /AddressSanitizer|runtime error:|LeakSanitizer/.exec(this.server.err);
    // A client's program may leave a child behind that still writes there.
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    if (stayed) throw new Error(`tpool serve does not end within 10 s of SIGTERM\n${this.server.err.slice(-2000)}`);
    if (complaint) throw new Error(`the sanitizer complained:\n${this.server.err.slice(-4000)}`);
  }
}
