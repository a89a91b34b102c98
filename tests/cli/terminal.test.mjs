// What only shows on a terminal: questions, secrets typed without echo, colour. `script` gives the terminal.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { scratch, slow } from './scratch.mjs';

// Types each answer when its question shows, and gives back all that the terminal showed.
const on_terminal = (world, command, answers, limit_ms = 30_000 * slow) => new Promise((resolve) => {
  const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...world.env, TERM: 'xterm' }, cwd: world.folder });
  const waiting = [...answers];
  let shown = '', from = 0;
  const timer = setTimeout(() => child.kill('SIGKILL'), limit_ms);
  child.stdout.on('data', (bytes) => {
    shown += bytes;
    while (waiting.length && shown.indexOf(waiting[0][0], from) >= 0) {
      const [question, answer] = waiting.shift();
      from = shown.indexOf(question, from) + question.length;
      setTimeout(() => child.stdin.write(answer), 100);  // the prompt turns echo off just before it shows
    }
  });
  child.on('close', (code) => {
    clearTimeout(timer);
    resolve({ code, shown: shown.replaceAll('\r\n', '\n') });
  });
});

const on = (name, body) => test(name, { timeout: 60_000 * slow }, async () => {
  const world = scratch();
  try {
    await body(world, path.join(world.folder, 'home/config/tpool.toml'));
  } finally {
    world.close();
  }
});

on('a key is asked for, not shown, and stored', async (world, store) => {
  const { code, shown } = await on_terminal(world, 'tpool provider add deepseek --no-test',
    [['(not shown): ', 'sk-typed-in-secret-1234\n']]);
  assert.equal(code, 0, shown);
  assert.doesNotMatch(shown, /sk-typed/);
  assert.match(fs.readFileSync(store, 'utf8'), /value = "sk-typed-in-secret-1234"/);
});

on('Ctrl-C at the question gives the terminal its echo back and changes nothing', async (world, store) => {
  const { shown } = await on_terminal(world, 'trap : INT; tpool provider add deepseek --no-test; echo "ended $?"; stty -a',
    [['(not shown): ', '\x03']]);
  assert.match(shown, /ended 130/);
  assert.match(shown, / echo /);
  assert.equal(fs.existsSync(store), false);
});

on('removing asks, and no means no', async (world, store) => {
  await world.run(['provider', 'add', 'ollama', '--no-test']);
  const no = await on_terminal(world, 'tpool provider remove ollama', [['[y/N] ', 'n\n']]);
  assert.equal(no.code, 130, no.shown);
  assert.match(fs.readFileSync(store, 'utf8'), /ollama/);
  const yes = await on_terminal(world, 'tpool provider remove ollama', [['[y/N] ', 'y\n']]);
  assert.equal(yes.code, 0, yes.shown);
  assert.doesNotMatch(fs.readFileSync(store, 'utf8'), /ollama/);
});

on('colour shows on a terminal, and NO_COLOR turns it off', async (world) => {
  const colour = await on_terminal(world, 'tpool provider presets', []);
  assert.match(colour.shown, /\x1b\[1mID/);
  const plain = await on_terminal(world, 'NO_COLOR=1 tpool provider presets', []);
  assert.doesNotMatch(plain.shown, /\x1b/);
  const piped = await world.shell('tpool provider presets');
  assert.doesNotMatch(piped.out + piped.err, /\x1b/);
  const forced = await world.shell('tpool --color always provider presets');
  assert.match(forced.out, /\x1b\[1mID/);
});

on('an invalid edit is asked about again, and counts once it is right', async (world, store) => {
  await world.run(['provider', 'add', 'ollama', '--no-test']);
  const editor = path.join(world.folder, 'editor');
  fs.writeFileSync(editor, '#!/bin/sh\nif [ -e once ]; then sed -i s/broken.*// "$1"; else touch once; echo "broken = [" >> "$1"; fi\n', { mode: 0o755 });
  const { code, shown } = await on_terminal(world, `EDITOR=${editor} tpool config edit`, [['[Y/n] ', '\n']]);
  assert.equal(code, 0, shown);
  assert.match(shown, /nothing to change|edited the store/);
  assert.doesNotMatch(fs.readFileSync(store, 'utf8'), /broken/);
});
