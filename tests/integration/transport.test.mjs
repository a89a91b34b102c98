// The way to a provider: TLS, proxies, and the limits of each wait.

import assert from 'node:assert/strict';
import net from 'node:net';
import test from 'node:test';
import { make_certificates } from './certificates.mjs';
import { ForwardProxy } from './forward_proxy.mjs';
import { start } from './process.mjs';
import { answer, say } from './turn.mjs';
import { is_final_error, is_final_failure, read_stream } from './responses_client.mjs';
import { provider_toml, slow } from './tpool.mjs';
import { sleep } from './wire.mjs';
import { alpha, ask, world } from './world.mjs';

const post = (tpool, more, options) => tpool.request('POST', '/v1/responses', { body: ask('hi', more), limit_ms: 30_000, ...options });
const good = () => answer(say('arrived'));

const certificates = await make_certificates();
const foreign = await make_certificates({ name: 'other.example' });
process.on('exit', () => { certificates.remove(); foreign.remove(); });

world('a TLS provider is reached when its authority is trusted', { ...alpha(good, { tls: certificates.tls }), env: { SSL_CERT_FILE: certificates.ca } },
  async (tpool, { alpha }) => {
    for (let i = 0; i < 5; i++) assert.equal(read_stream((await post(tpool)).text).text, 'arrived');
    assert.ok(alpha.connections <= 2, `${alpha.connections} handshakes for 5 requests`);
  });

world('a large answer comes through TLS', { ...alpha([{ ...answer(say('z'.repeat(8 << 20))), piece: 32 << 10 }], { tls: certificates.tls, dialect: 'chat' }), env: { SSL_CERT_FILE: certificates.ca } },
  async (tpool) => assert.equal(read_stream((await post(tpool)).text).text.length, 8 << 20));

world('an authority nobody trusts is refused, and the error says so', alpha(good, { tls: certificates.tls }), async (tpool, { alpha }) => {
  const message = is_final_error(await post(tpool));
  assert.match(message, /certificate|TLS/i);
  assert.match(message, /alpha/);
  assert.equal(alpha.requests.length, 0);
});

world('a certificate of another name is refused', { ...alpha(good, { tls: foreign.tls }), env: { SSL_CERT_FILE: foreign.ca } }, async (tpool, { alpha }) => {
  assert.match(is_final_error(await post(tpool)), /certificate|TLS|host ?name/i);
  assert.equal(alpha.requests.length, 0);
});

for (const through of [undefined, certificates.tls]) {
  for (const [name, tls] of [['plain', undefined], ['TLS', certificates.tls]]) {
    for (const user of [undefined, 'me:secret%20word']) {
      const proxy = await ForwardProxy.start({ user: user && decodeURIComponent(user), tls: through });
      const target = user ? proxy.url.replace('://', `://${user}@`) : proxy.url;
      world(`a ${name} provider is reached through its ${proxy.scheme}:// proxy${user ? ' with a password' : ''}`,
        { ...alpha(good, { tls, toml: `proxy = "${target}"` }), env: { SSL_CERT_FILE: certificates.ca } }, async (tpool, { alpha }) => {
          try {
            assert.equal(read_stream((await post(tpool)).text).text, 'arrived');
            assert.equal(read_stream((await post(tpool)).text).text, 'arrived');
            assert.equal(proxy.forwarded.length + proxy.tunnels.length > 0, true, 'the proxy saw it');
            assert.equal(proxy.connections, 1, 'the connection is kept');
            assert.equal(alpha.last.headers['proxy-authorization'], undefined);
            if (user) assert.equal(proxy.refused, 0);
          } finally {
            await proxy.close();
          }
        });
    }
  }
}

const tls_proxy = await ForwardProxy.start({ tls: certificates.tls });
const long = 'a long word '.repeat(100_000);
world('much travels both ways inside two layers of TLS', { ...alpha(() => ({ ...answer(say(long)), piece: 100 }), { tls: certificates.tls, toml: `proxy = "${tls_proxy.url}"` }),
  env: { SSL_CERT_FILE: certificates.ca } }, async (tpool, { alpha }) => {
  assert.equal(read_stream((await post(tpool, { input: long })).text).text, long);
  assert.ok(alpha.last.bytes.length > long.length);
});
world('a provider that is cut off behind an https:// proxy is told as cut', { ...alpha([{ ...answer(say(long)), stop_after: 20, then: 'cut' }], { tls: certificates.tls, toml: `proxy = "${tls_proxy.url}"` }),
  env: { SSL_CERT_FILE: certificates.ca } }, async (tpool) => {
  assert.match(is_final_failure(read_stream((await post(tpool)).text)).message, /alpha/);
});
world('an unknown certificate of an https:// proxy is refused, and the error says whose',
  alpha(good, { toml: `proxy = "${tls_proxy.url}"` }), async (tpool, { alpha }) => {
    const message = is_final_error(await post(tpool));
    assert.match(message, /proxy/);
    assert.match(message, /certificate/);
    assert.equal(alpha.requests.length, 0);
  });
test.after(() => tls_proxy.close());

world('an https:// proxy that says nothing meets the connect limit', { ...alpha(good), serve: false, ends: true }, async (tpool, { alpha }) => {
  const mute = net.createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  await new Promise((resolve) => mute.once('listening', resolve));
  const let_go = new Promise((resolve) => mute.once('connection', (socket) => socket.once('close', resolve)));
  tpool.write_store(provider_toml(alpha, { extra: `proxy = "https://127.0.0.1:${mute.address().port}"\ntimeouts = { connect = "1s" }` }));
  await tpool.serve();
  const message = is_final_error(await post(tpool));
  assert.match(message, /proxy/);
  assert.match(message, /took too long/);
  await let_go;
  mute.close();
});

const environment_proxy = await ForwardProxy.start();
world('settings may name the proxy, a provider may go direct', { settings: `proxy = "${environment_proxy.url}"`, providers: {
  alpha: { turns: good }, beta: { models: ['model-two'], turns: good, toml: 'proxy = "direct"' } } }, async (tpool) => {
  assert.equal(read_stream((await post(tpool, { model: 'beta/model-two' })).text).text, 'arrived');
  assert.equal(environment_proxy.forwarded.length + environment_proxy.tunnels.length, 0);
  assert.equal(read_stream((await post(tpool)).text).text, 'arrived');
  assert.equal(environment_proxy.forwarded.length + environment_proxy.tunnels.length, 1);
  await environment_proxy.close();
});

world('a proxy that is not there is named', alpha(good, { toml: 'proxy = "http://127.0.0.1:1"' }), async (tpool, { alpha }) => {
  assert.match(is_final_error(await post(tpool)), /proxy|127\.0\.0\.1:1/);
  assert.equal(alpha.requests.length, 0);
});

world('a proxy that wants a password is named', { ...alpha(good, { tls: certificates.tls }), serve: false, ends: true }, async (tpool, { alpha }) => {
  const proxy = await ForwardProxy.start({ user: 'a:b' });
  try {
    tpool.write_store(provider_toml(alpha, { extra: `proxy = "${proxy.url}"` }));
    await tpool.serve({ env: { SSL_CERT_FILE: certificates.ca } });
    assert.match(is_final_error(await post(tpool)), /proxy|407/i);
  } finally {
    await proxy.close();
  }
});

const told_in_time = (name, { turn, timeouts, limit_ms, base_url }) => world(name,
  alpha(() => turn, { toml: `timeouts = ${timeouts}`, ...(base_url ? { base_url } : {}) }), async (tpool, { alpha }) => {
    const from = Date.now();
    const reply = await post(tpool);
    assert.ok(Date.now() - from < limit_ms * slow, `${Date.now() - from} ms`);
    if (reply.status === 200) assert.match(read_stream(reply.text).error.message, /alpha/);
    else assert.match(is_final_error(reply), /alpha/);
    for (const request of alpha.requests) await Promise.race([request.gone, new Promise((_, no) => setTimeout(no, 2000 * slow, new Error('the provider was not let go')))]);
  });

told_in_time('a provider that never answers meets the first-byte limit',
  { turn: { ...answer(say('x')), before_headers_ms: 60_000 }, timeouts: '{ first_byte = "1s" }', limit_ms: 9_000 });
told_in_time('a stream that falls silent meets the idle limit',
  { turn: { ...answer(say('word '.repeat(20))), stop_after: 8, then: 'silence' }, timeouts: '{ idle = "1s" }', limit_ms: 5_000 });
told_in_time('an endless stream meets the total limit',
  { turn: { ...answer(say('x'.repeat(2000))), piece: 1, pace_ms: 50 }, timeouts: '{ total = "2s" }', limit_ms: 8_000 });

// A listener that never accepts and whose queue is full: connections neither succeed nor fail.
const deaf_listener = async () => {
  const child = start(process.execPath, ['-e', `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    require('fs').writeSync(1, this.address().port + '\\n'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000); })`], {});
  const end = Date.now() + 20_000 * slow;
  while (!child.out.includes('\n') && Date.now() < end) await sleep(10);
  const port = Number(child.out);
  const fillers = Array.from({ length: 8 }, () => net.connect(port, '127.0.0.1').on('error', () => {}));
  // A queue of one holds two; from then on nobody gets in.
  while (fillers.filter((f) => f.readyState === 'open').length < 2 && Date.now() < end) await sleep(10);
  return { port, close: () => { fillers.forEach((f) => f.destroy()); child.kill_group('SIGKILL'); } };
};

world('a connection that never comes up meets the connect limit', { ...alpha(good), serve: false, ends: true }, async (tpool, { alpha }) => {
  const deaf = await deaf_listener();
  try {
    tpool.write_store(provider_toml(alpha, { base_url: `http://127.0.0.1:${deaf.port}/v1`, extra: 'timeouts = { connect = "1s" }' }));
    await tpool.serve();
    const from = Date.now();
    assert.match(is_final_error(await post(tpool)), /alpha/);
    assert.ok(Date.now() - from < 10_000 * slow);
  } finally {
    deaf.close();
  }
});

world('a provider that closes idle connections costs no request', alpha(good), async (tpool, { alpha }) => {
  for (let i = 0; i < 5; i++) {
    assert.equal(read_stream((await post(tpool)).text).text, 'arrived');
    for (const socket of alpha.sockets) socket.end();
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
});

world('a provider on IPv6 loopback is reached', { ...alpha(good), serve: false, ends: true }, async (tpool, { alpha }) => {
  const relay = net.createServer((socket) => {
    const onward = net.connect(alpha.port, '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    [socket, onward].forEach((s) => s.on('error', () => {}));
  });
  await new Promise((resolve, reject) => relay.once('error', reject).listen(0, '::1', resolve));
  tpool.write_store(provider_toml(alpha, { base_url: `http://[::1]:${relay.address().port}/v1` }));
  await tpool.serve();
  assert.equal(read_stream((await post(tpool)).text).text, 'arrived');
  relay.close();
});
