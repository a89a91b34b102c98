// The bash shim, driven as bash drives it: words in COMP_WORDS, answers in COMPREPLY.

import assert from 'node:assert/strict';
import test from 'node:test';
import { in_repository, scratch } from './scratch.mjs';

const complete = async (world, line) => {
  // bash splits words at ':' and '=' too.
  const words = line.match(/[^\s:=]+|[:=]+/g) ?? [];
  if (line.endsWith(' ')) words.push('');
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const { out, err, code } = await world.shell(`exec bash -c "$(cat)"`, `
    source ${in_repository('completions/tpool.bash')}
    COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; COMP_LINE='${line}'; COMP_POINT=${line.length}
    _tpool; printf '%s\\n' "\${COMPREPLY[@]}"`);
  assert.equal(code, 0, err);
  return out.split('\n').filter(Boolean);
};

test('bash completes commands, providers, and models with a colon in their name', async () => {
  const world = scratch();
  try {
    await world.run(['provider', 'add', 'ollama', '--no-test', '--model', 'llama3:8b', '--model', 'llama3:70b']);
    assert.deepEqual(await complete(world, 'tpool prov'), ['provider']);
    assert.deepEqual(await complete(world, 'tpool provider show '), ['ollama']);
    assert.deepEqual(await complete(world, 'tpool catalog show ollama/llama3:8'), ['8b']);
    assert.deepEqual(await complete(world, 'tpool pool enable --catalog li'), ['live']);
    assert.deepEqual(await complete(world, 'tpool nonsense '), []);
  } finally {
    world.close();
  }
});

test('rules, models, developers, aliases and tags are completed', async () => {
  const world = scratch();
  try {
    for (const line of ['provider add deepseek --no-test --no-key --tag cn', 'model add sonnet --developer acme',
      'model alias quick deepseek/deepseek-chat', 'rule add --developer acme --tag cn --id first'])
      assert.equal((await world.run(line.split(' '))).code, 0, line);
    assert.deepEqual(await complete(world, 'tpool rule edit '), ['first']);
    assert.deepEqual(await complete(world, 'tpool rule move first --after f'), ['first']);
    assert.deepEqual(await complete(world, 'tpool rule add --model '), ['sonnet']);
    assert.deepEqual(await complete(world, 'tpool model remove '), ['sonnet']);
    assert.deepEqual(await complete(world, 'tpool rule add --tag '), ['cn']);
    assert.deepEqual(await complete(world, 'tpool developer show d'), ['deepseek']);
    assert.deepEqual(await complete(world, 'tpool model alias q'), ['quick']);
    assert.deepEqual(await complete(world, 'tpool route explain --class b'), ['background']);
  } finally {
    world.close();
  }
});

test('a budget is completed by its scope', async () => {
  const world = scratch();
  try {
    for (const line of ['provider add deepseek --no-test --no-key --model deepseek-chat', 'client create laptop',
      'budget set provider deepseek --usd-per-day 5'])
      assert.equal((await world.run(line.split(' '))).code, 0, line);
    assert.deepEqual(await complete(world, 'tpool budget set '), ['total', 'provider', 'model', 'client']);
    assert.deepEqual(await complete(world, 'tpool budget set provider '), ['deepseek']);
    assert.deepEqual(await complete(world, 'tpool budget set client l'), ['laptop']);
    assert.deepEqual(await complete(world, 'tpool budget set model deep'), ['deepseek/deepseek-chat']);
    assert.deepEqual(await complete(world, 'tpool budget set total '), []);
    assert.deepEqual(await complete(world, 'tpool budget remove provider '), ['deepseek']);
    assert.deepEqual(await complete(world, 'tpool budget remove client '), []);
  } finally {
    world.close();
  }
});

test('zsh and fish get the same candidates from the program', async () => {
  const world = scratch();
  try {
    const { out } = await world.run(['completion', 'complete', '--', 'provider', 'add', 'olla']);
    assert.equal(out, 'ollama\tOllama\n');
  } finally {
    world.close();
  }
});
