// Clients that are rude on the wire: bad heads, smuggling, slowness, half-closed and abandoned sockets.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import { run } from './process.mjs';
import { answer, say } from './turn.mjs';
import { RawClient } from './raw.mjs';
import { slow, token } from './tpool.mjs';
import { sleep } from './wire.mjs';
import { alpha, ask, world } from './world.mjs';

const ok = () => answer(say('ok'));
const body = JSON.stringify(ask('hi', { stream: false }));
const head = (tpool, ...lines) => ['POST /v1/responses HTTP/1.1', `host: 127.0.0.1:${tpool.port}`, `authorization: Bearer ${token}`,
  'content-type: application/json', ...lines, '', ''].join('\r\n');
const exchange = async (tpool, bytes, { half_close = false, limit_ms = 5000 * slow } = {}) => {
  const client = await RawClient.open(tpool.port);
  await client.send(bytes);
  if (half_close) client.half_close();
  await client.until((text) => text.includes('\r\n\r\n'), limit_ms);
  await sleep(50);
  return client;
};

const smuggled = 'GET /api/status HTTP/1.1\r\nhost: x\r\n\r\n';
const bad_heads = {
  'both a length and chunks': (t) => head(t, `content-length: ${body.length}`, 'transfer-encoding: chunked') + `0\r\n\r\n${smuggled}`,
  'two different lengths': (t) => head(t, `content-length: ${body.length}`, 'content-length: 5') + body,
  'a list of lengths': (t) => head(t, `content-length: ${body.length}, 5`) + body,
  'a negative length': (t) => head(t, 'content-length: -1') + body,
  'a length with a sign': (t) => head(t, `content-length: +${body.length}`) + body,
  'a length beyond 2^64': (t) => head(t, 'content-length: 99999999999999999999999') + body,
  'a length in hexadecimal': (t) => head(t, 'content-length: 0x10') + body,
  'an unknown transfer coding': (t) => head(t, 'transfer-encoding: gzip, chunked') + body,
  'chunked twice': (t) => head(t, 'transfer-encoding: chunked, chunked') + '0\r\n\r\n',
  'a disguised transfer coding': (t) => head(t, 'transfer-encoding: \u000bchunked') + '0\r\n\r\n',
  'a bare CR in a header': (t) => head(t, 'x-a: b\rc: d', `content-length: ${body.length}`) + body,
  'a space before the colon': (t) => head(t, `content-length : ${body.length}`) + body,
  'a NUL in a header': (t) => head(t, 'x-a: b\u0000c', `content-length: ${body.length}`) + body,
  'no version': () => 'GET /health\r\n\r\n',
  'a version from the future': (t) => `GET /health HTTP/3.0\r\nhost: 127.0.0.1:${t.port}\r\n\r\n`,
  'a bad method': (t) => `G@T /health HTTP/1.1\r\nhost: 127.0.0.1:${t.port}\r\n\r\n`,
  'no host': () => 'GET /v1/models HTTP/1.1\r\n\r\n',
  'two hosts': (t) => `GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1:${t.port}\r\nhost: evil\r\n\r\n`,
  'a bad chunk size': (t) => head(t, 'transfer-encoding: chunked') + `zz\r\n${body}\r\n0\r\n\r\n`,
  'a chunk size beyond 2^64': (t) => head(t, 'transfer-encoding: chunked') + `fffffffffffffffff\r\n${body}\r\n0\r\n\r\n`,
  'a chunk without its end': (t) => head(t, 'transfer-encoding: chunked') + `${body.length.toString(16)}\r\n${body}XX0\r\n\r\n`,
};

world('bad heads are refused with one 4xx and a closed connection', alpha(ok), async (tpool, { alpha }) => {
  for (const [name, make] of Object.entries(bad_heads)) {
    const client = await exchange(tpool, make(tpool));
    const statuses = client.statuses();
    assert.equal(tpool.server.exitCode ?? tpool.server.signalCode, null, `${name} ends the process`);
    assert.ok(statuses.length <= 1, `${name}: answered ${statuses}`);
    if (statuses.length === 1) assert.ok((statuses[0] >= 400 && statuses[0] < 500) || statuses[0] === 505, `${name}: ${statuses}`);
    assert.ok(await client.until_closed(2000 * slow), `${name}: the connection stays open`);
    client.close();
  }
  assert.equal(alpha.requests.length, 0);
  assert.equal((await tpool.request('GET', '/health')).status, 200);
});

world('a chunked body is read, extensions and trailers too', alpha(ok), async (tpool, { alpha }) => {
  const half = Math.floor(body.length / 2);
  const chunks = `${half.toString(16)};name=value\r\n${body.slice(0, half)}\r\n${(body.length - half).toString(16).toUpperCase()}\r\n${body.slice(half)}\r\n0\r\nx-trailer: 1\r\n\r\n`;
  const client = await exchange(tpool, head(tpool, 'transfer-encoding: chunked') + chunks);
  assert.equal(client.status(), 200, client.text);
  client.close();
  const slow_client = await RawClient.open(tpool.port);
  for (const byte of head(tpool, 'transfer-encoding: chunked') + chunks) {
    await slow_client.send(byte);
  }
  await slow_client.until((text) => text.includes('\r\n\r\n'), 5000 * slow);
  assert.equal(slow_client.status(), 200, slow_client.text);
  slow_client.close();
  assert.equal(alpha.requests.length, 2);
});

world('pipelined requests are answered in order', alpha(ok), async (tpool) => {
  const one = head(tpool, `content-length: ${Buffer.byteLength(body)}`) + body;
  const other = `GET /health HTTP/1.1\r\nhost: 127.0.0.1:${tpool.port}\r\n\r\n`;
  const client = await exchange(tpool, one + other + one + other);
  assert.ok(await client.until(() => client.statuses().length === 4, 5000 * slow), `${client.statuses()}`);
  assert.deepEqual(client.statuses(), [200, 200, 200, 200]);
  client.close();
});

world('a half-closed client is answered or let go, never kept', alpha(ok), async (tpool) => {
  const client = await exchange(tpool, head(tpool, `content-length: ${Buffer.byteLength(body)}`) + body, { half_close: true });
  assert.ok([0, 200].includes(client.status()), client.text);
  assert.ok(await client.until_closed(3000 * slow), 'the connection stays open');
  client.close();
});

world('Expect: 100-continue is answered', alpha(ok), async (tpool) => {
  const client = await RawClient.open(tpool.port);
  await client.send(head(tpool, `content-length: ${Buffer.byteLength(body)}`, 'expect: 100-continue'));
  assert.ok(await client.until((text) => text.startsWith('HTTP/1.1 100'), 3000 * slow), client.text);
  await client.send(body);
  assert.ok(await client.until(() => client.statuses().includes(200), 5000 * slow), client.text);
  client.close();
});

world('huge heads are refused with bounded memory', alpha(ok), async (tpool) => {
  const before = tpool.memory();
  const heads = {
    'one header of 2 MiB': head(tpool, `x-big: ${'y'.repeat(2 << 20)}`, 'content-length: 2') + '{}',
    '20,000 headers': head(tpool, ...Array.from({ length: 20_000 }, (_, i) => `x-${i}: y`), 'content-length: 2') + '{}',
    'a target of 1 MiB': `GET /${'a'.repeat(1 << 20)} HTTP/1.1\r\nhost: 127.0.0.1:${tpool.port}\r\n\r\n`,
  };
  for (const [name, bytes] of Object.entries(heads)) {
    const client = await exchange(tpool, bytes);
    assert.ok([400, 413, 414, 431].includes(client.status()) || client.closed, `${name}: ${client.text.slice(0, 100)}`);
    client.close();
  }
  await tpool.has_grown_less(before, 32 << 10);
});

world('a thousand rude clients leave nothing behind', alpha(ok), async (tpool) => {
  await tpool.request('POST', '/v1/responses', { body: ask('hi') });
  const rude = [
    async (c) => c.reset(),
    async (c) => { await c.send('GARBAGE\r\n\r\n'); c.close(); },
    async (c) => { await c.send(head(tpool, 'content-length: 1000')); c.reset(); },
    async (c) => { await c.send(head(tpool, `content-length: ${Buffer.byteLength(body)}`) + body); c.reset(); },
    async (c) => { await c.send('GET /health HTTP/1.1\r\nhost: '); c.half_close(); await sleep(20); c.close(); },
  ];
  const batch = async (n) => {
    for (let i = 0; i < n; i += 50)
      await Promise.all(Array.from({ length: 50 }, async (_, k) => rude[(i + k) % rude.length](await RawClient.open(tpool.port))));
    await sleep(500);
  };
  // A whole round first: allocators and the sanitizer's quarantine fill up once, then stay.
  await batch(1000);
  const before = { memory: tpool.memory(), descriptors: tpool.descriptors() };
  await batch(1000);
  const more = await tpool.descriptors_fall_to(before.descriptors + 8) - before.descriptors;
  assert.ok(more <= 8, `${more} more descriptors`);
  await tpool.has_grown_less(before.memory, 12 << 10);
  assert.equal((await tpool.request('GET', '/health')).status, 200);
});

// Starts the server with room for few descriptors and takes them all.
world('without descriptors nobody is accepted, nothing spins, and it goes on when there are some again', { ...alpha(ok), serve: false }, async (tpool) => {
  await tpool.serve();
  const { pid } = tpool.server;
  // Somebody comes and leaves first: a sanitized build looks at a type it meets for the first time through a pipe.
  const idle = tpool.descriptors();
  const visitor = net.connect(tpool.port, '127.0.0.1', () => setTimeout(() => visitor.destroy(), 100 * slow));
  await new Promise((resolve) => visitor.on('close', resolve));
  for (const stop = Date.now() + 5000 * slow; tpool.descriptors() > idle && Date.now() < stop;) await sleep(20);
  const limited = await run('prlimit', ['--pid', String(pid), '--nofile=64:64'], {});
  assert.equal(limited.code, 0, limited.err);
  const open = Array.from({ length: 200 }, () => net.connect(tpool.port, '127.0.0.1').on('error', () => {}));
  const end = Date.now() + 5000 * slow;
  while (tpool.descriptors() < 60 && Date.now() < end) await sleep(20);
  const ticks = () => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((a, b) => a + Number(b), 0);
  const before = ticks();
  await sleep(2000);
  assert.ok(ticks() - before <= 20, `${ticks() - before} ticks of 10 ms in 2 s`);
  open.forEach((socket) => socket.destroy());
  let reply = { status: 0 };
  for (const stop = Date.now() + 10_000 * slow; reply.status !== 200 && Date.now() < stop; await sleep(50))
    reply = await tpool.request('POST', '/v1/responses', { body, limit_ms: 30_000 }).catch(() => reply);
  assert.equal(reply.status, 200);
});
