// A scratch world for one CLI call: its own home, Codex folder and environment, removed afterwards.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

// Modes of files are told to the user: they are the same whoever runs the tests.
process.umask(0o022);

const repository = path.resolve(import.meta.dirname, '../..');
export const binary = path.resolve(process.env.TPOOL_BIN ?? path.join(repository, 'build/release/tpool'));
// Stretches time limits, as in the tests of integration.
export const slow = Number(process.env.TPOOL_SLOW ?? 1);
export const in_repository = (...parts) => path.join(repository, ...parts);

const finish = (child, stdin, limit_ms) => new Promise((resolve, reject) => {
  const out = [], err = [];
  const timer = setTimeout(() => child.kill('SIGKILL'), limit_ms * slow);
  child.stdout.on('data', (bytes) => out.push(bytes));
  child.stderr.on('data', (bytes) => err.push(bytes));
  child.on('error', reject);
  child.stdin.on('error', () => {});  // a command that reads no stdin may be gone already
  child.stdin.end(stdin);
  child.on('close', (code, signal) => {
    clearTimeout(timer);
    resolve({ code: code ?? signal, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
  });
});

export const scratch = () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tpool-cli-'));
  const bin = path.join(folder, 'bin');
  for (const name of ['bin', 'codex', 'user']) fs.mkdirSync(path.join(folder, name));
  fs.symlinkSync(binary, path.join(bin, 'tpool'));
  const kept = ['ASAN_OPTIONS', 'UBSAN_OPTIONS'].filter((name) => process.env[name]);
  const env = {
    PATH: `${bin}:/usr/bin:/bin`, HOME: path.join(folder, 'user'), LANG: 'C.UTF-8',
    TPOOL_HOME: path.join(folder, 'home'), CODEX_HOME: path.join(folder, 'codex'),
    // Nothing here may depend on a Codex that happens to be installed, or reach the network.
    TPOOL_CODEX: path.join(folder, 'no-codex'), NO_PROXY: '127.0.0.1,localhost',
    ...Object.fromEntries(kept.map((name) => [name, process.env[name]])),
  };
  const options = { env, cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] };
  return {
    folder,
    env,
    shell: (script, stdin = '', limit_ms = 60_000) => finish(spawn('/bin/sh', ['-ec', script], options), stdin, limit_ms),
    run: (args, stdin = '', limit_ms = 60_000) => finish(spawn(binary, args, options), stdin, limit_ms),
    write_store: (text) => {
      fs.mkdirSync(path.join(folder, 'home/config'), { recursive: true, mode: 0o700 });
      fs.writeFileSync(path.join(folder, 'home/config/tpool.toml'), text, { mode: 0o600 });
    },
    close: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
};
