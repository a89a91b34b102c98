// POST /v1/embeddings: relayed to who lists the model and has the endpoint; a clear error otherwise.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import OpenAI from 'openai';
import { is_error } from './chat_client.mjs';
import { answer, fail, say } from './turn.mjs';
import { token } from './tpool.mjs';
import { alpha, world } from './world.mjs';

const ask = (more = {}) => ({ model: 'alpha/model-one', input: ['one', 'three'], ...more });
const post = (tpool, body, path = '/v1/embeddings') => tpool.request('POST', path, { body });
const turn = { ...answer(), usage: { input: 3 } };

for (const dialect of ['chat', 'responses']) {
  world(`an embedding is relayed byte for byte and accounted (${dialect})`, alpha(() => turn, { dialect }), async (tpool, { alpha }) => {
    for (const path of ['/v1/embeddings', '/openai/v1/embeddings']) {
      const body = ' { "model" : "alpha\\/model-one","input":["one","\\u0074hree"], "dimensions":2} ';
      const reply = await post(tpool, body, path);
      assert.equal(reply.status, 200, reply.text);
      assert.equal(alpha.last.bytes.toString(), body.replace('"alpha\\/model-one"', '"model-one"'));
      assert.equal(alpha.last.path, '/v1/embeddings');
      assert.deepEqual(reply.json().data.map((d) => d.embedding.length), [2, 2]);
      assert.match(reply.headers['x-tpool-route'], /^alpha\/key-1\/model-one; relay/);
    }
    for (const record of await tpool.records())
      assert.deepEqual([record.outcome, record.usage], ['served', { input: 3, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 }]);
  });
}

world('the SDK reads it, in its packed form', alpha([turn]), async (tpool) => {
  const client = new OpenAI({ apiKey: token, baseURL: `http://127.0.0.1:${tpool.port}/v1`, maxRetries: 0 });
  const made = await client.embeddings.create({ model: 'alpha/model-one', input: ['one', 'three'] });
  assert.deepEqual(made.data.map((d) => d.embedding.length), [4, 4]);
  assert.equal(made.usage.prompt_tokens, 3);
});

world('a limited key is passed over, a wrong request is told', { providers: { alpha: { keys: ['sk-first-0123456789', 'sk-second-0123456789'],
  turns: (request) => (request.key === 'sk-first-0123456789' ? fail(429, { error: { message: 'slow down' } }) : turn) } } }, async (tpool, { alpha }) => {
  assert.equal((await post(tpool, ask())).status, 200);
  assert.deepEqual(alpha.requests.map((r) => r.key), ['sk-first-0123456789', 'sk-second-0123456789']);
});

world('an unknown model, and one whose provider has no embeddings', { providers: { alpha: { turns: [answer(say('unused'))] } } }, async (tpool, { alpha }) => {
  fs.appendFileSync(tpool.store_file, '\n[[provider]]\nid = "demo"\nname = "demo"\nprotocol = "echo"\nmodels = ["parrot"]\n');
  await tpool.must(['config', 'check']);
  await tpool.reload();
  const error = is_error(await post(tpool, ask({ model: 'demo/parrot' })), 400);
  assert.match(error.message, /demo.*embedding.*echo/);
  is_error(await post(tpool, ask({ model: 'alpha/model-on' })), 404, 'model_not_found');
  is_error(await post(tpool, '{"model":"alpha/model-one",'), 400);
  is_error(await tpool.request('GET', '/v1/embeddings'), 405);
  assert.equal(alpha.requests.length, 0);
});
