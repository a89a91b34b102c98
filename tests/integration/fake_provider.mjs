// A scripted provider on loopback that is as strict as the real ones.
//
//   const provider = await FakeProvider.start({ dialect: 'chat', turns: [answer(say('hello'))] });
//   provider.base_url, provider.key      what a client needs
//   provider.requests                    every request: method, path, headers, bytes, body, gone_at
//   provider.invalid                     requests it refused as a strict provider would, and why
//   provider.expect_clean()              throws when there was such a request
//
// `turns` is a list used up in order, or a function (request, index) -> turn; see turn.mjs and
// wire.mjs for what a turn may do. With `namespaces: false` a Responses provider knows no such tools, with `compaction: true`
// it compacts; with `signatures: 'required'` a Gemini provider wants its thought signatures back. Every request with a wrong key is answered 401, every request
// its protocol does not allow 400. GET /models lists `models`; with `catalog` set, Codex's catalog.

import http from 'node:http';
import https from 'node:https';
import * as chat from './dialect_chat.mjs';
import * as embeddings from './dialect_embeddings.mjs';
import * as gemini from './dialect_gemini.mjs';
import * as messages from './dialect_messages.mjs';
import * as responses from './dialect_responses.mjs';
import { parse_strictly } from './shape.mjs';
import { slow } from './tpool.mjs';
import { pause, send_events, send_raw, send_whole, sleep } from './wire.mjs';

export const dialects = { chat, responses, gemini, messages };
export const dialect_names = Object.keys(dialects);
const private_headers = /^(cookie|x-tpool-.*|forwarded|x-forwarded-.*|proxy-.*)$/;

export class FakeProvider {
  static async start(options = {}) {
    const provider = new FakeProvider(options);
    await new Promise((resolve, reject) => {
      provider.server.once('error', reject);
      provider.server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    return provider;
  }

  constructor({ dialect = 'responses', name = 'fake', keys, models = ['model-one'], turns = [], tls, catalog, relaxed = false, namespaces = true, compaction = false, signatures }) {
    Object.assign(this, { name, models, turns, catalog, relaxed, namespaces, compaction, signatures });
    this.dialect = dialects[dialect];
    this.dialect_name = dialect;
    this.keys = keys ?? [`sk-${name}-0123456789abcdef`];
    this.mint = `enc.${name}.`;
    this.requests = [];
    this.listings = [];
    this.invalid = [];
    this.connections = 0;
    this.scheme = tls ? 'https' : 'http';
    const serve = (request, response) => this.#serve(request, response).catch((error) => {
      this.invalid.push({ why: [`the fake provider failed: ${error.message}`] });
      response.destroy();
    });
    this.server = tls ? https.createServer(tls, serve) : http.createServer(serve);
    this.server.keepAliveTimeout = 60_000;
    this.server.requestTimeout = 0;
    this.sockets = new Set();
    this.server.on(tls ? 'secureConnection' : 'connection', (socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  get port() { return this.server.address().port; }
  get key() { return this.keys[0]; }
  get base_url() { return `${this.scheme}://${this.scheme === 'https' ? 'localhost' : '127.0.0.1'}:${this.port}${this.dialect.base ?? '/v1'}`; }
  get last() { return this.requests.at(-1); }

  expect_clean() {
    if (this.invalid.length > 0)
      throw new Error(`${this.name} was sent what a real provider refuses: ${JSON.stringify(this.invalid.map((r) => [...(r.case ? [r.case] : []), ...r.why]), null, 1)}`);
  }

  // Resolves when the n-th request (from 1) has arrived.
  async arrived(n, limit_ms = 30_000 * slow) {
    const end = Date.now() + limit_ms;
    while (this.requests.length < n) {
      if (Date.now() > end) throw new Error(`${this.name}: ${this.requests.length} of ${n} requests came within ${limit_ms} ms`);
      await sleep(5);
    }
    return this.requests[n - 1];
  }

  async close() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #serve(message, response) {
    const url = new URL(message.url, 'http://fake');
    const request = { method: message.method, path: url.pathname, query: url.search, headers: message.headers,
      raw_headers: message.rawHeaders, connection: this.connections, at: Date.now(), gone_at: null, answered_at: null };
    request.gone = new Promise((resolve) => response.on('close', () => {
      if (response.writableFinished) request.answered_at = Date.now();
      else request.gone_at = Date.now();
      resolve();
    }));
    const posted = message.method === 'POST';
    if (posted) this.requests.push(request);
    else this.listings.push(request);
    const parts = [];
    try {
      for await (const part of message) parts.push(part);
    } catch {
      return;  // the peer left while it was still sending
    }
    request.bytes = Buffer.concat(parts);
    if (this.catalog) response.setHeader('x-models-etag', this.catalog().etag);
    const key = this.dialect.key_of?.(message.headers) ?? (message.headers.authorization ?? '').replace(/^Bearer /, '');
    request.key = key;
    if (!this.keys.includes(key))
      return send_whole(response, { status: this.dialect.refused_key_status ?? 401 }, this.dialect.error_body(`Incorrect API key provided: ${key}`, 'invalid_api_key'));
    return posted ? this.#generate(request, response) : this.#list(request, response);
  }

  #list(request, response) {
    if (this.catalog) {
      const { models, etag } = this.catalog();
      return send_whole(response, { headers: { etag } }, { models });
    }
    if (this.dialect.list) return send_whole(response, {}, this.dialect.list(this.models));
    return send_whole(response, {}, { object: 'list', data: this.models.map((id) => ({ id, object: 'model', created: 1, owned_by: this.name })) });
  }

  // What the path stands for: the dialect's own, or an endpoint beside it.
  #asked(request) {
    if (this.compaction && request.path === `/v1${responses.compact.path}`) return responses.compact;
    const embeds = ['chat', 'responses'].includes(this.dialect_name);
    if (embeds && request.path === `/v1${embeddings.path}`) return embeddings;
    return this.dialect.beside?.[request.path.slice(3)] ?? this.dialect;
  }

  #faults(request) {
    const asked = this.#asked(request);
    const address = asked.address ? asked.address(request) : request.path === `/v1${asked.path}` ? {} : null;
    if (this.relaxed) {
      try { request.body = JSON.parse(request.bytes); } catch { request.body = null; }
      request.stream = address?.stream ?? request.body?.stream;
      return [];
    }
    const why = [];
    if (!address) why.push(`path ${request.path}${request.query}: nothing here`);
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) why.push('content-type: expected application/json');
    for (const name of Object.keys(request.headers))
      if (private_headers.test(name)) why.push(`header ${name}: none of a provider's business`);
    const { value, fault } = parse_strictly(request.bytes);
    if (fault) return [...why, fault];
    request.body = value;
    request.model = address?.model ?? value.model;
    request.stream = address?.stream ?? value.stream;
    why.push(...asked.faults(value, this, request.headers));
    if (why.length === 0 && !this.models.includes(request.model)) why.push(`unknown model ${request.model}`);
    return why;
  }

  async #generate(request, response) {
    const why = this.#faults(request);
    if (why.length > 0) {
      this.invalid.push({ why, request });
      return send_whole(response, { status: 400 }, this.dialect.error_body(why.join('; '), 'invalid_request'));
    }
    const index = this.requests.indexOf(request);
    const turn = typeof this.turns === 'function' ? await this.turns(request, index) : this.turns.shift();
    if (!turn) {
      this.invalid.push({ why: [`request ${index + 1} has no turn in the script`], request });
      return send_whole(response, { status: 400 }, this.dialect.error_body('the script has no turn left', 'invalid_request'));
    }
    request.turn = turn;
    if (turn.before_headers_ms && !(await pause(turn.before_headers_ms, response))) return undefined;
    if (turn.raw) return send_raw(response, turn.raw);
    if (turn.status || turn.body !== undefined) return send_whole(response, turn, turn.body ?? '');
    if (!request.stream) return send_whole(response, turn, this.#asked(request).whole(turn, request.body, this));
    return send_events(response, turn, this.dialect.events(turn, request.body, this));
  }
}
