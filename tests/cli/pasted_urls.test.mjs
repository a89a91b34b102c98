// Every preset is found by the address of any call of it; other addresses of the same provider stay.

import assert from 'node:assert/strict';
import test from 'node:test';
import { scratch, slow } from './scratch.mjs';

const call_of = { chat: '/chat/completions', responses: '/responses', messages: '/messages', gemini: '/models/gemini-9:generateContent' };

const added = async (home, url) => {
  const got = await home.run(['provider', 'add', url, '--no-key', '--no-test', '--dry-run']);
  assert.equal(got.code, 0, `${url}: ${got.err}`);
  return Object.fromEntries([...got.out.matchAll(/^\+(\w+) = "?([^"\n]*)"?$/gm)].map(([, name, value]) => [name, value]));
};

test('the address of one call of a preset is the preset, and nothing has to be said beside it', { timeout: 120_000 * slow }, async () => {
  const home = scratch();
  try {
    const presets = JSON.parse((await home.run(['provider', 'presets', '--json'])).out);
    for (const { id, protocol, base_url } of presets.filter((one) => one.base_url?.startsWith('https://')))
      assert.deepEqual(await added(home, base_url + call_of[protocol]), { version: '1', id, preset: id });
  } finally {
    home.close();
  }
});

test('another address of the same provider is kept, with the protocol its path names', { timeout: 60_000 * slow }, async () => {
  const home = scratch();
  try {
    for (const [url, id, more] of [
      ['https://api.openai.com/v1/chat/completions', 'openai', {}],
      ['https://openrouter.ai', 'openrouter', {}],
      ['https://models.github.ai/catalog/models', 'github-models', {}],
      ['https://generativelanguage.googleapis.com/v1/models', 'google', {}],
      ['https://generativelanguage.googleapis.com/v1beta/openai/', 'google', { protocol: 'chat', base_url: 'https://generativelanguage.googleapis.com/v1beta/openai' }],
      ['https://ark.cn-beijing.volces.com/api/coding/v3', 'volcengine', { base_url: 'https://ark.cn-beijing.volces.com/api/coding/v3' }],
      ['https://api.z.ai/api/anthropic', 'zai', { protocol: 'messages', base_url: 'https://api.z.ai/api/anthropic' }],
      ['https://api.deepseek.com/anthropic/v1/messages', 'deepseek', { protocol: 'messages', base_url: 'https://api.deepseek.com/anthropic/v1' }],
    ]) assert.deepEqual(await added(home, url), { version: '1', id, preset: id, ...more }, url);
  } finally {
    home.close();
  }
});
