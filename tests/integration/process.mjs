// Child processes with a time limit, killed with everything they started.

import { spawn } from 'node:child_process';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill_group('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

// Starts `file args` in a process group of its own and gathers its output.
export const start = (file, args, { env, cwd, input } = {}) => {
  const child = spawn(file, args, { env, cwd, detached: true, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  child.out = '';
  child.err = '';
  child.stdout.setEncoding('utf8').on('data', (data) => { child.out += data; });
  child.stderr.setEncoding('utf8').on('data', (data) => { child.err += data; });
  child.kill_group = (signal) => {
    try { process.kill(-child.pid, signal); } catch { /* nobody left */ }
  };
  child.ended = new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: null, signal: null, error }));
    child.on('close', (code, signal) => resolve({ code, signal }));
  }).finally(() => running.delete(child));
  running.add(child);
  if (input !== undefined && input !== null) child.stdin.on('error', () => {}).end(input);
  return child;
};

// Runs to the end. Past the limit the whole group is killed and `timed_out` set.
export const run = async (file, args, { limit_ms = 30_000, ...options } = {}) => {
  const child = start(file, args, options);
  let timed_out = false;
  const timer = setTimeout(() => {
    timed_out = true;
    child.kill_group('SIGKILL');
  }, limit_ms);
  const { code, signal, error } = await child.ended;
  clearTimeout(timer);
  if (error) throw error;
  child.kill_group('SIGKILL');
  return { code, signal, out: child.out, err: child.err, timed_out };
};

// Asks a running child to end and insists after `patience_ms`; returns how long it took.
export const stop = async (child, signal = 'SIGTERM', patience_ms = 5000) => {
  const from = Date.now();
  if (child.exitCode === null && child.signalCode === null) process.kill(child.pid, signal);
  const timer = setTimeout(() => child.kill_group('SIGKILL'), patience_ms);
  await child.ended;
  clearTimeout(timer);
  return Date.now() - from;
};

export const exited = async (child, limit_ms) => {
  const timer = new Promise((resolve) => setTimeout(resolve, limit_ms, null));
  return Promise.race([child.ended, timer]);
};

