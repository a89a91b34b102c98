// Walks the command tree as the program itself tells it: every command has help with an example, a place in
// the man page and, where it prints data, a --json form that is one document.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { in_repository, scratch } from './scratch.mjs';

// What a command needs to be run here; every other one runs as it is.
const needed = {
  'provider show': ['echo'], 'provider models list': ['echo'],
  'model show': ['echo/echo-1'],
  'provider test': ['echo'],
  'rule preview': ['--model', 'own', '--provider', 'echo', '--upstream', 'echo-1'],
  'developer show': ['unknown'],
  'route explain': ['echo/echo-1'],
  'config get': ['strategy'],
};
const without_a_server = new Set(['limit list', 'status']);

const children = (help) => {
  const block = /\nCOMMANDS\n((?: {2}.*\n)+)/.exec(help)?.[1] ?? '';
  return block.split('\n').map((line) => /^ {2}(\S+)/.exec(line)?.[1]).filter(Boolean);
};

const world = scratch();
test.after(() => world.close());

const walk = async (words, found) => {
  const { out, code } = await world.run([...words, '--help']);
  assert.equal(code, 0, words.join(' '));
  const below = children(out);
  found.push({ words, help: out, leaf: below.length === 0 });
  for (const child of below) await walk([...words, child], found);
  return found;
};

const tree = await walk([], []);
const leaves = tree.filter((each) => each.leaf);
const man = fs.readFileSync(in_repository('man/tpool.1'), 'utf8');
assert.ok(leaves.length >= 35, `${leaves.length} commands`);
await world.run(['provider', 'add', 'echo', '--no-test', '--no-input']);
await world.run(['model', 'add', 'own', '--no-input']);

for (const { words, help, leaf } of tree) {
  const name = words.join(' ');
  test(`tpool ${name}: help shows an example before the usage`, () => {
    const example = help.indexOf('\nEXAMPLES\n'), usage = help.indexOf('\nUSAGE\n');
    assert.ok(example > 0 && usage > example, help);
    assert.ok(help.includes(`tpool ${name}`), help);
    for (const line of help.split('\n')) assert.ok(!line.endsWith(' '), `"${line}" ends in a space`);
  });
  if (!leaf) continue;
  test(`tpool ${name}: has its place in the man page`, () => {
    assert.ok(man.includes(`.SS tpool ${name}`.replaceAll('-', '\\-')), name);
  });
  if (!/^See tpool --help for --json/m.test(help)) continue;
  test(`tpool ${name}: --json is one document`, async () => {
    const { out, err, code } = await world.run([...words, ...(needed[name] ?? []), '--json']);
    if (without_a_server.has(name)) {
      assert.equal(code, 6);
      assert.equal(JSON.parse(err).error.code, 'unavailable');
      assert.equal(out, '');
      return;
    }
    assert.equal(code, 0, err);
    assert.equal(typeof JSON.parse(out), 'object');
    assert.equal(err, '');
  });
}

const fresh = (file, args) => test(`${file} is what the program prints`, async () => {
  const { out } = await world.run(args);
  if (process.env.TPOOL_UPDATE_CLI === '1') fs.writeFileSync(in_repository(file), out);
  assert.equal(fs.readFileSync(in_repository(file), 'utf8'), out);
});
fresh('man/tpool.1', ['man']);
fresh('completions/tpool.bash', ['completion', 'bash']);
fresh('completions/_tpool', ['completion', 'zsh']);
fresh('completions/tpool.fish', ['completion', 'fish']);
