// Keys and tokens stay where they belong: in the store and on the wire to their own provider.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { answer, fail, say } from './turn.mjs';
import { token } from './tpool.mjs';
import { ask, world } from './world.mjs';

const key = 'sk-very-secret-0123456789abcdef';
const echoing = fail(401, { error: { message: `Incorrect API key provided: ${key}. You can find your key at https://example.com` } });

const files_under = (folder) => fs.readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));

for (const dialect of ['responses', 'chat']) {
  world(`a key the provider echoes back reaches nobody (${dialect})`, { providers: { alpha: { dialect, keys: [key], turns: [echoing, echoing, echoing, echoing, answer(say('ok'))] } }, args: ['--log-level', 'debug'] },
    async (tpool) => {
      for (const stream of [true, false]) {
        const reply = await tpool.request('POST', '/v1/responses', { body: ask('a private prompt', { stream }) });
        assert.doesNotMatch(reply.text + JSON.stringify(reply.headers), /very-secret/);
      }
      const talk = tpool.server.out + tpool.server.err;
      assert.doesNotMatch(talk, /very-secret/, 'the log shows the key');
      assert.ok(!talk.includes(token), 'the log shows the client token');
      for (const args of [['provider', 'list'], ['provider', 'show', 'alpha'], ['key', 'list', 'alpha'], ['config', 'show'], ['status'], ['pool', 'list'], ['pool', 'status'], ['client', 'list']]) {
        for (const json of [[], ['--json']]) {
          const done = await tpool.cli([...args, ...json]);
          assert.doesNotMatch(done.out + done.err, /very-secret/, `${args.join(' ')} ${json}`);
          assert.ok(!(done.out + done.err).includes(token));
        }
      }
      for (const file of files_under(tpool.home).filter((f) => f !== tpool.store_file && !f.includes('/backups/')))
        assert.ok(!fs.readFileSync(file).includes('very-secret'), `${file} holds the key`);
    });
}

world('info logs hold no prompt and no answer', { providers: { alpha: { turns: [answer(say('a private answer'))] } } }, async (tpool) => {
  await tpool.request('POST', '/v1/responses', { body: ask('a private prompt') });
  assert.doesNotMatch(tpool.server.out + tpool.server.err, /private (prompt|answer)/);
});

world('a client\'s own credentials never reach a provider', { providers: { alpha: { keys: [key], turns: [answer(say('ok'))] } } }, async (tpool, { alpha }) => {
  await tpool.request('POST', '/v1/responses', { body: ask('hi'), headers: { 'x-api-key': token, 'chatgpt-account-id': 'acc-1', 'openai-organization': 'org-1' } });
  const sent = JSON.stringify(alpha.last.headers);
  assert.ok(!sent.includes(token), sent);
});

world('the process dumps no core and its environment shows no key', { providers: { alpha: { keys: [key], turns: [] } } }, async (tpool) => {
  const limits = fs.readFileSync(`/proc/${tpool.server.pid}/limits`, 'utf8');
  assert.match(limits, /Max core file size\s+0\s/);
  const command = fs.readFileSync(`/proc/${tpool.server.pid}/cmdline`, 'utf8');
  assert.doesNotMatch(command, /very-secret/);
});

world('the store and the folders of the state stay private', { providers: { alpha: { turns: [] } } }, async (tpool) => {
  assert.equal(fs.statSync(tpool.store_file).mode & 0o777, 0o600);
  for (const folder of fs.readdirSync(tpool.home)) assert.equal(fs.statSync(path.join(tpool.home, folder)).mode & 0o077, 0, folder);
});
