// Fetching, syncing and testing a provider's models, against a server with a paged list of the Gemini shape.

import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { scratch, slow } from './scratch.mjs';

const generates = ['generateContent', 'countTokens'];
const pages = {
  '': { models: [{ name: 'models/gem-a', supportedGenerationMethods: generates }, { name: 'models/gem-embed', supportedGenerationMethods: ['embedContent'] },
    { name: 'models/text-embedding-9' }], nextPageToken: 'page two' },
  'page two': { models: [{ name: 'models/gem-b', supportedGenerationMethods: generates }, { name: 'models/other', supportedGenerationMethods: generates }] },
};

const world = (name, work) => test(name, { timeout: 60_000 * slow }, async () => {
  const seen = { most: 0, now: 0, asked: [], refuse: false, gone: false, said: null };
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url, 'http://x');
    if (request.method === 'GET') {
      await seen.meanwhile?.();
      if (seen.said) {
        response.writeHead(seen.said.status, { 'content-type': 'application/json' });
        return response.end(seen.said.body);
      }
      const page = structuredClone(pages[url.searchParams.get('pageToken') ?? '']);
      if (seen.gone) page.models = page.models.filter((m) => m.name !== 'models/gem-b');
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify(page));
    }
    let body = '';
    request.on('data', (bytes) => { body += bytes; });
    request.on('end', () => {
      const asked = JSON.parse(body);
      seen.asked.push(asked.model);
      seen.most = Math.max(seen.most, ++seen.now);
      const answer = () => {
        --seen.now;
        if (seen.refuse) {
          response.writeHead(401, { 'content-type': 'application/json' });
          return response.end('{"error":{"message":"Incorrect API key provided"}}');
        }
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`data: ${JSON.stringify({ id: 'c', model: asked.model, choices: [{ index: 0, delta: { content: 'OK' } }] })}\n\n`);
        response.write(`data: ${JSON.stringify({ id: 'c', model: asked.model, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`);
        response.end('data: [DONE]\n\n');
      };
      // Long enough for others to come beside it, and no longer than that.
      const end = Date.now() + (seen.refuse ? 100 : 5000 * slow);
      const look = () => (seen.most > 1 || Date.now() > end ? answer() : setTimeout(look, 10));
      look();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const home = scratch();
  try {
    const url = `http://127.0.0.1:${server.address().port}/v1`;
    await home.run(['provider', 'add', 'shop', '--base-url', url, '--no-key', '--no-test']);
    await work(home, seen);
  } finally {
    home.close();
    server.close();
    server.closeAllConnections();
  }
});

const models = async (home) => {
  const { out } = await home.run(['provider', 'show', 'shop', '--json']);
  return JSON.parse(out).curated;
};

world('every page is read, and what cannot chat is left out with the reason', async (home) => {
  const got = await home.run(['provider', 'models', 'fetch', 'shop', '--json']);
  assert.equal(got.code, 0, got.err);
  assert.deepEqual(JSON.parse(got.out).providers, [{ id: 'shop', models: 3, added: 3, removed: 0,
    left_out: [{ id: 'gem-embed', reason: 'it does not generate text' }, { id: 'text-embedding-9', reason: 'embedding' }], error: null }]);
  const said = await home.run(['provider', 'models', 'fetch', 'shop']);
  assert.match(said.err, /left out \(embedding\): text-embedding-9/);
  assert.match(said.err, /3 models, 0 new, 0 gone/);
});

world('sync offers what matches, shows what changes, and keeps what was set by hand', async (home, seen) => {
  const dry = await home.run(['provider', 'models', 'sync', 'shop', '--match', 'gem*', '--dry-run']);
  assert.match(dry.out, /\+models = \["gem-a", "gem-b"\]/);
  assert.equal(await models(home), null);
  await home.run(['provider', 'edit', 'shop', '--model', 'mine', '--model', 'gem-a']);
  const first = JSON.parse((await home.run(['provider', 'models', 'sync', 'shop', '--match', 'gem*', '--json'])).out);
  assert.deepEqual(first.sync.kept, ['mine']);
  assert.deepEqual(first.sync.added, ['gem-b']);
  assert.deepEqual(await models(home), ['mine', 'gem-a', 'gem-b']);
  seen.gone = true;
  const second = await home.run(['provider', 'models', 'sync', 'shop', '--match', '/^gem/', '--match', 'other']);
  assert.match(second.err, / {2}\+ other\n {2}- gem-b\n/);
  assert.deepEqual(await models(home), ['mine', 'gem-a', 'other']);
});

world('an invalid pattern and one that matches nothing import nothing', async (home) => {
  for (const [pattern, code] of [['/[/', 2], ['', 2], ['zzz*', 3]]) {
    const got = await home.run(['provider', 'models', 'sync', 'shop', '--match', 'gem*', '--match', pattern].filter((_, i) => code === 2 || i < 4 || i > 5));
    assert.equal(got.code, code, `${pattern}: ${got.err}`);
    assert.match(got.err, /nothing was imported/);
    assert.equal(await models(home), null);
  }
});

world('test --all asks several at a time within the limit, and stops at a refused key', async (home, seen) => {
  await home.run(['provider', 'models', 'fetch', 'shop']);
  const all = JSON.parse((await home.run(['provider', 'test', 'shop', '--all', '--no-tools', '--json'])).out);
  assert.deepEqual(all.map((one) => [one.model, one.ok, one.usage]), [['gem-a', true, false], ['gem-b', true, false], ['other', true, false]]);
  assert.ok(seen.most > 1, `${seen.most} at once`);
  await home.run(['provider', 'edit', 'shop', '--concurrency', '1']);
  Object.assign(seen, { most: 0, asked: [], refuse: true });
  const refused = await home.run(['provider', 'test', 'shop', '--all', '--no-tools', '--json']);
  assert.equal(refused.code, 5);
  assert.equal(seen.most, 1);
  assert.deepEqual(seen.asked, ['gem-a']);
  assert.deepEqual(JSON.parse(refused.out).map((one) => one.unauthorized), [true, false, false]);
});

world('a key refused with 400 is a refused key, and what is said of it never shows it', async (home, seen) => {
  const key = 'sk-0123456789abcdef0123';
  // As xAI says it, and as Google AI Studio does.
  for (const body of [{ code: 'Client specified an invalid argument', error: `Incorrect API key provided: ${key}.` },
    { error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] } }]) {
    seen.said = { status: 400, body: JSON.stringify(body) };
    const got = await home.run(['provider', 'models', 'fetch', 'shop']);
    assert.equal(got.code, 5, got.err);
    assert.match(got.err, /the key is not accepted/);
    assert.doesNotMatch(got.err, /0123456789/);
  }
  seen.said = { status: 400, body: '{"error":"no such parameter"}' };
  assert.equal((await home.run(['provider', 'models', 'fetch', 'shop'])).code, 6);
  seen.said = { status: 200, body: JSON.stringify({ error: { message: `The key ${key} is blocked` } }) };
  const inside = await home.run(['provider', 'models', 'fetch', 'shop']);
  assert.equal(inside.code, 2);
  assert.match(inside.err, /in place of its model list: The key \[key\] is blocked/);
});

world('a choice made while the provider was asked is not lost', async (home, seen) => {
  seen.meanwhile = () => home.run(['provider', 'edit', 'shop', '--model', 'mine']);
  const got = await home.run(['provider', 'models', 'sync', 'shop', '--match', 'gem*']);
  assert.equal(got.code, 4, got.err);
  assert.match(got.err, /changed meanwhile; nothing was imported/);
  assert.deepEqual(await models(home), ['mine']);
});
