// A real client program in a scratch home, connected by `tpool connect` to scripted providers behind
// `tpool serve`, with the world outside unreachable.
//
//   scenario('a name', claude, { providers: { alpha: { dialect: 'chat', turns: [...] } } }, async (rig, alpha) => {
//     const done = await rig.ask('say hello');      // what programs.mjs reads, and code, out, err, describe()
//   });
//
// Options of a provider are FakeProvider's and `facts`, TOML for its models. A request that offers no tools asks for a
// title and gets one; the others get the turns in order, or what turns(request, how often its key was used) says. `settings`: the file of the user's that stands before.
// The end of a scenario fails on any request a real provider refuses, and, unless `open` is set and the program's
// switches are left alone, on any that was meant for the world outside.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { FakeProvider } from '../integration/fake_provider.mjs';
import { run } from '../integration/process.mjs';
import { provider_toml, slow, Tpool } from '../integration/tpool.mjs';
import { answer, say } from '../integration/turn.mjs';
import { Outside } from './outside.mjs';

export const limit_ms = 60_000;

const scripted = (turns) => {
  const times = {};
  return (request) => {
    if (!request.body.tools) return answer(say('A title'));
    if (typeof turns !== 'function') return turns.shift();
    times[request.key] = (times[request.key] ?? 0) + 1;
    return turns(request, times[request.key]);
  };
};

export class Rig {
  static async start(program, { providers, settings, store = '', connect = ['--model', 'alpha/model-one'], open = false }) {
    assert.ok(fs.existsSync(program.binary), `${program.binary} is missing: npm ci in tests/ installs it on Linux x64`);
    const rig = new Rig();
    Object.assign(rig, { program, open, connect_args: connect, providers: {} });
    rig.outside = await Outside.start();
    const tables = [];
    for (const [id, { turns, facts = 'reasoning = true\ncontext = 200_000\noutput = 32_000', ...options }] of Object.entries(providers)) {
      const fake = await FakeProvider.start({ name: id, turns: scripted(turns), signatures: 'required', ...options });
      rig.providers[id] = fake;
      tables.push(provider_toml(fake, { model_extra: facts }));
    }
    rig.tpool = await Tpool.scratch({ providers: tables, settings: store, clients: false });
    rig.home = rig.tpool.env.HOME;
    rig.file = path.join(rig.home, program.settings);
    rig.work = path.join(rig.tpool.folder, 'work');
    rig.scraps = path.join(rig.tpool.folder, 'scraps');
    for (const folder of [path.dirname(rig.file), rig.work, rig.scraps]) fs.mkdirSync(folder, { recursive: true });
    if (settings !== undefined) fs.writeFileSync(rig.file, settings);
    await rig.connect();
    await rig.tpool.serve();
    return rig;
  }

  connect(...args) { return this.tpool.must(['connect', this.program.id, '--yes', '--no-input', ...this.connect_args, ...args]); }
  disconnect() { return this.tpool.must(['disconnect', this.program.id, '--yes', '--no-input']); }

  get env() {
    return { PATH: process.env.PATH, HOME: this.home, LANG: 'C.UTF-8', TMPDIR: this.scraps, ...this.outside.env, ...(this.open ? {} : this.program.quiet) };
  }

  // One prompt to its end. `resume` goes on with the last conversation, `model` with another model.
  async ask(prompt, { resume = false, model } = {}) {
    const { args, binary, id, read } = this.program;
    const done = await run(binary, args(prompt, { resume, model }), { env: this.env, cwd: this.work, limit_ms: limit_ms * slow });
    const events = done.out.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    const describe = () => `${id} ended with ${done.code ?? done.signal}${done.timed_out ? ' at the time limit' : ''}; it asked outside: ${this.outside.asked}
${done.out}\n${done.err}\n${this.tpool.server.err}`;
    return { ...read(events), ...done, events, describe };
  }

  async close() {
    const all = [...Object.values(this.providers), this.tpool, this.outside].map((each) => each?.close());
    const failed = (await Promise.allSettled(all)).find((r) => r.status === 'rejected');
    if (failed) throw failed.reason;
    for (const fake of Object.values(this.providers)) fake.expect_clean();
    if (!this.open) assert.deepEqual(this.outside.asked, [], 'asked of the world outside');
  }
}

// A test that makes a rig, runs `body(rig, alpha)` and always cleans up.
export const scenario = (name, program, options, body) => test(`${program.id}: ${name}`, async () => {
  const rig = await Rig.start(program, options);
  let failure;
  try {
    await body(rig, rig.providers.alpha);
  } catch (error) {
    failure = error;
  }
  // The first thing that went wrong is the one to tell.
  await rig.close().catch((error) => { failure ??= error; });
  if (failure) throw failure;
});

// The folder the program works in, as its own instructions tell it.
export const work_in = ({ body }) => /(\/[^\s"]*\/work)\b/.exec(JSON.stringify(body))[1];

export const ended_well = (done, text) => {
  assert.equal(done.code, 0, done.describe());
  assert.ok(!done.error, done.describe());
  if (text !== undefined) assert.equal(done.text, text, done.describe());
};
