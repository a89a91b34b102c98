// What `provider add` and `provider test` say about a key, against a small Chat server of their own.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { scratch, slow } from './scratch.mjs';

const good = 'sk-good-key-1234567890';

const stream = (response, parts) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const part of [...parts, '[DONE]'])
    response.write(`data: ${typeof part === 'string' ? part : JSON.stringify(part)}\n\n`);
  response.end();
};

const answer = (request, response, body) => {
  if (request.headers.authorization !== `Bearer ${good}`) {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"Incorrect API key provided"}}');
  } else if (request.url.endsWith('/models')) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"data":[{"id":"one"},{"id":"two"}]}');
  } else {
    const asked = JSON.parse(body);
    const delta = asked.tools
      ? { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: asked.tools[0].function.name, arguments: '{}' } }] }
      : { content: 'OK' };
    stream(response, [
      { id: 'c', model: asked.model, choices: [{ index: 0, delta }] },
      { id: 'c', model: asked.model, choices: [{ index: 0, delta: {}, finish_reason: asked.tools ? 'tool_calls' : 'stop' }],
        usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 } },
    ]);
  }
};

const against_server = (name, body) => test(name, { timeout: 60_000 * slow }, async () => {
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (bytes) => parts.push(bytes));
    request.on('end', () => answer(request, response, Buffer.concat(parts).toString()));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const world = scratch();
  try {
    await body(world, `http://127.0.0.1:${server.address().port}/v1`, path.join(world.folder, 'home/config/tpool.toml'));
  } finally {
    world.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

against_server('a good key: models are found, one is called, and the pool holds them', async (world, url) => {
  const added = await world.run(['provider', 'add', 'shop', '--base-url', url, '--key-stdin'], good);
  assert.equal(added.code, 0, added.err);
  assert.match(added.err, /found 2 models\ntested: one answered in \d+ ms\nnext: tpool pool enable/);
  const listed = JSON.parse((await world.run(['pool', 'list', '--json'])).out);
  assert.deepEqual(listed.map((entry) => entry.id), ['shop/one', 'shop/two']);
  const tested = JSON.parse((await world.run(['provider', 'test', 'shop', '--all', '--json'])).out);
  assert.deepEqual(tested.map(({ model, ok, streaming, tools, usage }) => ({ model, ok, streaming, tools, usage })),
    ['one', 'two'].map((model) => ({ model, ok: true, streaming: true, tools: true, usage: true })));
});

against_server('a refused key: exit 5, the provider stays, the key is never shown', async (world, url, store) => {
  const bad = 'sk-bad-key-0987654321';
  const added = await world.run(['provider', 'add', 'shop', '--base-url', url, '--key-stdin'], bad);
  assert.equal(added.code, 5, added.err);
  assert.match(added.err, /error: provider shop is stored, but its test failed: .*401/);
  assert.match(added.err, /hint: .*tpool key add shop/);
  assert.match(fs.readFileSync(store, 'utf8'), /id = "shop"/);
  const tested = await world.run(['provider', 'test', 'shop', '--model', 'one']);
  assert.equal(tested.code, 5, tested.err);
  assert.match(tested.out, /401: .*/);
  assert.match(tested.err, /a provider refused its key/);
  const as_json = await world.run(['provider', 'test', 'shop', '--model', 'one', '--json']);
  assert.equal(JSON.parse(as_json.out)[0].unauthorized, true);
  assert.equal(JSON.parse(as_json.err).error.code, 'unauthorized');
  for (const said of [added, tested, as_json]) assert.doesNotMatch(said.out + said.err, /bad-key/);
});

against_server('models fetch says what is new and what is gone', async (world, url) => {
  await world.run(['provider', 'add', 'shop', '--base-url', url, '--key-stdin', '--no-test'], good);
  const first = await world.run(['provider', 'models', 'fetch', 'shop']);
  assert.equal(first.code, 0, first.err);
  assert.match(first.err, /shop: 2 models, 2 new, 0 gone/);
  const again = JSON.parse((await world.run(['provider', 'models', 'fetch', '--json'])).out);
  assert.equal(again.changed, false);
  assert.deepEqual(again.providers, [{ id: 'shop', models: 2, added: 0, removed: 0, left_out: [], error: null }]);
});
