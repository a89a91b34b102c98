// Who may ask, and what is answered besides generation: tokens, hosts, origins, lists, paths.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import http from 'node:http';
import { answer, say } from './turn.mjs';
import { is_final_error, read_stream } from './responses_client.mjs';
import { RawClient } from './raw.mjs';
import { slow, token } from './tpool.mjs';
import { sleep } from './wire.mjs';
import { alpha, ask, world } from './world.mjs';

const none = alpha([]);
const two = { providers: { alpha: { turns: [] }, beta: { dialect: 'chat', models: ['model-two', 'vendor/model:3'], turns: [] } } };

world('without a token, or with a wrong one, nothing is generated', none, async (tpool, { alpha }) => {
  for (const token of [null, 'wrong', '', 'test-client-token']) {
    const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi'), token });
    assert.equal(reply.status, 401, `${token}: ${reply.text}`);
    assert.ok(reply.json().error.message, 'the error is JSON in the client\'s shape');
  }
  assert.equal(alpha.requests.length, 0);
});

world('--no-auth lets loopback in and warns', { ...alpha(() => answer(say('open'))), args: ['--no-auth'] }, async (tpool) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi'), token: null });
  assert.equal(reply.status, 200, reply.text);
  assert.match(tpool.server.err, /no-auth|without a token|unauthenticated/i);
});

world('a foreign Host or Origin is refused, ours is not', alpha(() => answer(say('ok'))), async (tpool, { alpha }) => {
  const good = [`127.0.0.1:${tpool.port}`, `localhost:${tpool.port}`, `[::1]:${tpool.port}`];
  for (const host of good) assert.equal((await tpool.request('POST', '/v1/responses', { body: ask('hi'), headers: { host } })).status, 200, host);
  const served = alpha.requests.length;
  for (const host of ['evil.example', `evil.example:${tpool.port}`, '127.0.0.1:1', '127.0.0.1.evil.example', `localhost.evil.example:${tpool.port}`]) {
    const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi'), headers: { host } });
    assert.ok([403, 421].includes(reply.status), `${host}: ${reply.status}`);
  }
  for (const origin of ['http://evil.example', 'null', `http://localhost:${tpool.port + 1}`]) {
    const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi'), headers: { origin } });
    assert.equal(reply.status, 403, origin);
    assert.equal(reply.headers['access-control-allow-origin'], undefined);
  }
  const preflight = await tpool.request('OPTIONS', '/v1/responses', { headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' }, token: null });
  assert.ok(preflight.status >= 400);
  assert.equal(preflight.headers['access-control-allow-private-network'], undefined);
  assert.equal(alpha.requests.length, served);
});

world('only JSON is accepted, so that no web form can ask', none, async (tpool, { alpha }) => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi'), headers: { 'content-type': type } });
    assert.ok(reply.status >= 400 && reply.status < 500, `${type}: ${reply.status}`);
  }
  assert.equal(alpha.requests.length, 0);
});

world('nobody brings a body where none is read', none, async (tpool) => {
  for (const [method, path] of [['HEAD', '/'], ['GET', '/health'], ['GET', '/v1/models'], ['HEAD', '/v1/responses']]) {
    for (const framing of ['content-length: 33554432', 'content-length: 1', 'transfer-encoding: chunked']) {
      const client = await RawClient.open(tpool.port);
      await client.send(`${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${tpool.port}\r\n${framing}\r\n\r\n`);
      assert.ok(await client.until(() => client.status() > 0), `${method} ${path} ${framing}`);
      assert.equal(client.status(), 400, `${method} ${path} ${framing}`);
      client.close();
    }
  }
});

world('a name that no store could hold is refused and told nobody', none, async (tpool, { alpha }) => {
  const name = `alpha/${'x'.repeat(1_000_000)}`;
  const reply = await tpool.request('POST', '/v1/responses', { body: { ...ask('hi'), model: name } });
  assert.equal(reply.status, 400, reply.text.slice(0, 200));
  assert.match(reply.json().error.message, /longer than 512 bytes/);
  assert.ok(tpool.server.err.length < 100_000, 'the log holds no such name');
  assert.equal(alpha.requests.length, 0);
});

const few = createHash('sha256').update('few').digest('hex');
world('who may use a few models gets no other for a name that nobody has', {
  providers: { alpha: { turns: [] }, beta: { turns: () => answer(say('ok')),
    model_toml: `\n[[client]]\nid = "few"\ntoken_sha256 = "${few}"\nmodels = ["beta/*"]\n` } },
  settings: 'on_unknown_model = "default"\ndefault_model = "alpha/model-one"' }, async (tpool, { alpha }) => {
  const used = async (model) => tpool.request('POST', '/v1/responses', { body: { ...ask('hi'), model }, token: 'few' });
  const served = await used('beta/model-one');
  assert.equal(served.status, 200, served.text);
  for (const model of ['alpha/model-one', 'beta/no-such-model']) {
    const reply = await used(model);
    assert.equal(reply.status, 404, `${model}: ${reply.text}`);
    assert.match(reply.json().error.message, /may not use model 'alpha\/model-one'/);
  }
  assert.equal(alpha.requests.length, 0);
});

world('who may use a few models may ask for them with the marker and an effort', {
  providers: { alpha: { models: ['own', 'other'], turns: () => answer(say('ok')) } },
  settings: `effort_suffix = true\n[[alias]]\nname = "quick"\ntarget = "alpha/other"\n
[[client]]\nid = "few"\ntoken_sha256 = "${few}"\nmodels = ["alpha/own", "quick"]\n` }, async (tpool, { alpha }) => {
  const used = async (model) => tpool.request('POST', '/v1/responses', { body: { ...ask('hi'), model }, token: 'few' });
  const mine = ['alpha/own', 'alpha/own[1m]', 'alpha/own [1M]', 'alpha/own-high', 'alpha/own[1m]-high', 'quick', 'quick[1m]', 'quick-low'];
  for (const model of mine) assert.equal((await used(model)).status, 200, model);
  const served = alpha.requests.map(({ body }) => body.model);
  assert.deepEqual(served, mine.map((model) => (model.startsWith('quick') ? 'other' : 'own')));
  for (const model of ['alpha/other', 'alpha/other[1m]', 'alpha/other-high', 'alpha/own-tall', 'quick-high-high']) {
    const reply = await used(model);
    assert.equal(reply.status, 404, `${model}: ${reply.text}`);
    assert.ok(reply.json().error.message.includes(`may not use model '${model}'`), reply.text);
  }
  assert.equal(alpha.requests.length, served.length);
});

world('who may use a few models is shown no other, in any shape', {
  providers: { alpha: { turns: [] }, beta: { models: ['model-two'], turns: [],
    model_toml: `\n[[client]]\nid = "few"\ntoken_sha256 = "${few}"\nmodels = ["beta/model*"]\n` } } }, async (tpool) => {
  const names = async (path, as) => {
    const reply = await tpool.request('GET', path, { token: as });
    const body = reply.json();
    return { names: (body.models ?? body.data).map((m) => m.slug ?? m.id), etag: reply.headers.etag };
  };
  for (const path of ['/v1/models', '/v1/models?client_version=0.169.0', '/v1/models?include=all']) {
    const mine = await names(path, 'few');
    assert.deepEqual(mine.names, ['beta/model-two'], path);
    const all = await names(path);
    assert.ok(all.names.includes('alpha/model-one'), path);
    assert.notEqual(all.etag, mine.etag);
    assert.equal((await tpool.request('GET', path, { token: 'few', headers: { 'if-none-match': mine.etag } })).status, 304);
    assert.equal((await tpool.request('GET', path, { token: 'few', headers: { 'if-none-match': all.etag } })).status, 200);
  }
});

world('everything answers under /openai too', alpha(() => answer(say('ok'))), async (tpool) => {
  for (const path of ['/v1/responses', '/openai/v1/responses', '/v1/responses?x=1', '/openai/v1/responses?api-version=2']) {
    const reply = await tpool.request('POST', path, { body: ask('hi') });
    assert.equal(read_stream(reply.text).text, 'ok', path);
  }
  assert.equal((await tpool.request('GET', '/openai/v1/models')).status, 200);
});

world('the model list, in the shape of OpenAI and in that of Codex', two, async (tpool) => {
  const list = (await tpool.request('GET', '/v1/models')).json();
  assert.equal(list.object, 'list');
  const ids = list.data.map((m) => m.id);
  for (const slug of ['alpha/model-one', 'beta/model-two', 'beta/vendor/model:3']) assert.ok(ids.includes(slug), `${slug} in ${ids}`);
  for (const model of list.data) assert.equal(model.object, 'model');

  const reply = await tpool.request('GET', '/v1/models?client_version=0.169.0', { headers: { originator: 'codex_exec', 'user-agent': 'codex_exec/0.169.0' } });
  const { models } = reply.json();
  assert.ok(reply.headers.etag);
  assert.equal(reply.headers['x-models-etag'], reply.headers.etag);
  const slugs = models.map((m) => m.slug);
  for (const slug of ['alpha/model-one', 'beta/model-two', 'beta/vendor/model:3']) assert.ok(slugs.includes(slug), `${slug} in ${slugs}`);
  assert.equal(new Set(slugs).size, slugs.length);
  for (const model of models) {
    for (const name of ['display_name', 'supported_reasoning_levels', 'shell_type', 'visibility', 'supported_in_api', 'priority', 'support_verbosity', 'truncation_policy', 'experimental_supported_tools'])
      assert.ok(model[name] !== undefined, `${model.slug}: ${name}`);
    assert.ok(model.base_instructions || model.model_messages?.instructions_template, model.slug);
  }
  const again = await tpool.request('GET', '/v1/models?client_version=0.169.0', { headers: { 'if-none-match': reply.headers.etag } });
  assert.ok([200, 304].includes(again.status));
});

world('without a token the lists are empty and valid', two, async (tpool) => {
  for (const path of ['/v1/models', '/v1/models?client_version=0.169.0']) {
    const reply = await tpool.request('GET', path, { token: null });
    assert.equal(reply.status, 200);
    const body = reply.json();
    assert.deepEqual(body.models ?? body.data, []);
    assert.ok(!reply.text.includes('model-one'));
  }
});

world('health needs no token and says the truth', none, async (tpool) => {
  for (const path of ['/health', '/api/health', '/healthz', '/readyz'])
    assert.equal((await tpool.request('GET', path, { token: null })).status, 200, path);
});

world('the admin API wants an admin token', none, async (tpool) => {
  for (const token of [null, undefined]) {
    const status = await tpool.request('GET', '/api/status', { token: token === null ? null : undefined });
    assert.ok([401, 403].includes(status.status), `${status.status}`);
    const reload = await tpool.request('POST', '/api/reload', { body: '{}', token: token === null ? null : undefined });
    assert.ok([401, 403].includes(reload.status), `${reload.status}`);
  }
});

world('a command without the socket of serve asks with TPOOL_TOKEN', none, async (tpool) => {
  const elsewhere = { TPOOL_HOME: `${tpool.folder}/elsewhere`, TPOOL_LISTEN: `127.0.0.1:${tpool.port}` };
  const made = JSON.parse((await tpool.must(['client', 'create', 'boss', '--scope', 'admin', '--json'])).out);
  const status = (env) => tpool.cli(['status', '--json'], { env: { ...elsewhere, ...env } });
  const end = Date.now() + 10_000 * slow;
  let done = await status({ TPOOL_TOKEN: made.token });
  while (done.code !== 0 && Date.now() < end) done = await status({ TPOOL_TOKEN: made.token });
  assert.equal(done.code, 0, done.err);
  assert.equal(JSON.parse(done.out).pid, tpool.server.pid);
  // Its store may have another path there.
  const plan = await tpool.cli(['route', 'explain', 'alpha/model-one'], { env: { ...elsewhere, TPOOL_TOKEN: made.token } });
  assert.equal(plan.code, 0, plan.err);
  assert.equal((await status({})).code, 6, 'without a token nothing is asked');
  assert.equal((await status({ TPOOL_TOKEN: token })).code, 5, 'a token that may not');
  assert.equal((await status({ TPOOL_TOKEN: 'a\r\nb' })).code, 2);
  assert.equal((await status({ TPOOL_TOKEN: made.token, TPOOL_LISTEN: '127.0.0.1:1' })).code, 6);
});

world('a name that a client makes up writes no line of its own into the log', none, async (tpool) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi', { model: 'alpha/no\nforged line\u001b[2J' }) });
  assert.equal(reply.status, 404);
  const end = Date.now() + 10_000 * slow;
  while (!tpool.server.err.includes('forged line') && Date.now() < end) await sleep(20);
  assert.match(tpool.server.err, /alpha\/no forged line/);
  assert.ok(!tpool.server.err.includes('\u001b'), 'nothing steers a terminal');
});

world('HEAD answers without a body', none, async (tpool) => {
  for (const path of ['/', '/v1/responses', '/v1/models', '/health']) {
    const reply = await tpool.request('HEAD', path, { token: null });
    assert.ok(reply.status < 500, `${path}: ${reply.status}`);
    assert.equal(reply.bytes.length, 0);
  }
});

world('an unknown path is 404, a wrong method 405, both in JSON', none, async (tpool) => {
  for (const path of ['/nothing', '/v1/nothing', '/v1/responses/x/y', '//v1/responses', '/v1/../v1/responses', '/v1/responses%00']) {
    const reply = await tpool.request('POST', path, { body: ask('hi') });
    assert.equal(reply.status, 404, `${path}: ${reply.status}`);
    assert.ok(reply.json().error.message);
  }
  const reply = await tpool.request('DELETE', '/v1/responses');
  assert.equal(reply.status, 405);
  assert.match(reply.headers.allow ?? reply.json().error.message, /POST/, 'what is allowed is named');
});

world('an unknown model is told with the nearest names and nothing is sent', two, async (tpool, { alpha, beta }) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi', { model: 'alpha/modle-one' }) });
  assert.equal(reply.status, 404, reply.text);
  assert.match(is_final_error(reply), /alpha\/model-one/);
  for (const model of ['', 'x'.repeat(100_000), 'alpha/', '/model-one', 'Alpha/model-one', '\r\nx: y', 'ü/🌍'])
    is_final_error(await tpool.request('POST', '/v1/responses', { body: ask('hi', { model }) }));
  assert.equal(alpha.requests.length + beta.requests.length, 0);
});

world('a slug with slashes and colons reaches its provider as it is', { providers: { beta: { dialect: 'chat', models: ['vendor/model:3'], turns: [answer(say('ok'))] } } },
  async (tpool, { beta }) => {
    const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi', { model: 'beta/vendor/model:3' }) });
    assert.equal(read_stream(reply.text).text, 'ok');
    assert.equal(beta.last.body.model, 'vendor/model:3');
  });

world('a disabled provider is unreachable and the error says how to enable it', { providers: { alpha: { turns: [], toml: 'enabled = false' } } }, async (tpool, { alpha }) => {
  const message = is_final_error(await tpool.request('POST', '/v1/responses', { body: ask('hi') }));
  assert.match(message, /disabled/);
  assert.match(message, /tpool provider enable alpha/);
  assert.equal(alpha.requests.length, 0);
});

world('an upgrade to WebSocket is answered 426', none, async (tpool) => {
  const client = await RawClient.open(tpool.port);
  await client.send(`GET /v1/responses HTTP/1.1\r\nhost: 127.0.0.1:${tpool.port}\r\nauthorization: Bearer test-client-token-0123456789abcdef0123456789abcdef\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
  await client.until((text) => text.includes('\r\n\r\n'));
  assert.equal(client.status(), 426);
  client.close();
});

world('one connection serves many requests', alpha(() => answer(say('ok'))), async (tpool) => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const once = (path, method = 'GET', body) => new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: tpool.port, path, method, agent,
      headers: { authorization: 'Bearer test-client-token-0123456789abcdef0123456789abcdef', ...(body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}) } },
      (response) => { response.resume().on('end', () => resolve({ status: response.statusCode, reused: request.reusedSocket })); });
    request.on('error', reject).end(body);
  });
  assert.equal((await once('/health')).status, 200);
  const body = JSON.stringify(ask('hi'));
  assert.deepEqual(await once('/v1/responses', 'POST', body), { status: 200, reused: true });
  assert.deepEqual(await once('/v1/models'), { status: 200, reused: true });
  agent.destroy();
});
