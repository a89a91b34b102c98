// The real Codex against scripted providers: through tpool, or straight at a fake Responses provider.
//
//   const rig = await Rig.start({ lane: 'chat', providers: { alpha: { turns: [...] } } });
//   `shared`: model ids that stand in the pool by themselves, wherever they run
//   const done = await rig.exec('say hello');       // codex exec; done.text, done.events, done.code
//   rig.providers.alpha.requests                    // what the provider was sent
//   await rig.close();                              // also fails on any request a real provider refuses
//
// Lanes: `responses`, `chat` and `gemini` name the protocol of the providers behind `tpool serve`; `plain responses`
// is a Responses provider that knows no namespaces. `direct` leaves tpool out and so proves the
// scenario itself; TPOOL_CODEX_DIRECT=1 runs every scenario so.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { FakeProvider } from '../integration/fake_provider.mjs';
import { run } from '../integration/process.mjs';
import { quirks_of, repository, slow, Tpool } from '../integration/tpool.mjs';
import { catalog_entry } from './catalog.mjs';

export const lanes = process.env.TPOOL_CODEX_DIRECT ? ['direct'] : ['responses', 'plain responses', 'chat', 'gemini', 'messages'];
export const codex = process.env.CODEX_BIN ?? path.join(repository, 'tests/node_modules/.bin/codex');
export const limit_ms = 60_000;

export class Rig {
  static async start({ lane, providers, shared = [], root = '', tables = '', config, enable = [] }) {
    const rig = new Rig();
    Object.assign(rig, { lane, root, tables, before: config ?? `${root}\n${tables}`, enable, providers: {}, extra_env: {} });
    rig.tpool = await Tpool.scratch({ clients: false });
    rig.folder = rig.tpool.folder;
    rig.codex_home = rig.tpool.codex_home;
    rig.work = path.join(rig.folder, 'work');
    fs.mkdirSync(rig.work);
    rig.config = path.join(rig.codex_home, 'config.toml');
    if (lane === 'direct') await rig.#start_direct(providers);
    else await rig.#start_tpool(providers, shared);
    return rig;
  }

  async #start_direct(providers) {
    const scripts = {};
    const fake = await FakeProvider.start({ name: '', models: [], turns: (request) => {
      const turns = scripts[request.body.model.split('/')[0]];
      return typeof turns === 'function' ? turns(request) : turns.shift();
    }, catalog: () => ({ models: fake.models.map(catalog_entry), etag: `"${fake.models.length}"` }) });
    fake.mint = 'enc.';
    this.fakes = [fake];
    this.add_provider = async (id, { models = ['model-one'], turns = [] } = {}) => {
      scripts[id] = turns;
      fake.models.push(...models.map((m) => `${id}/${m}`));
      this.providers[id] = {
        get requests() { return fake.requests.filter((r) => r.body?.model?.startsWith(`${id}/`)); },
        get last() { return this.requests.at(-1); },
      };
    };
    for (const [id, options] of Object.entries(providers)) await this.add_provider(id, options);
    fs.writeFileSync(this.config, `model = "${fake.models[0]}"
model_provider = "fake"
${this.root}
[model_providers.fake]
name = "fake"
base_url = "${fake.base_url}"
experimental_bearer_token = "${fake.key}"
model_catalog_url = "${fake.base_url}/models"
${this.tables}`);
  }

  async #start_tpool(providers, shared) {
    this.fakes = [];
    fs.writeFileSync(this.config, this.before);
    for (const [id, options] of Object.entries(providers)) await this.add_provider(id, options);
    for (const model of shared) await this.must(['model', 'add', model, '--no-input']);
    await this.pool('enable', ...this.enable);
    await this.tpool.serve();
  }

  // One CLI call that must succeed. What it changed in the store is served when it returns.
  async must(args, options) {
    const done = await this.tpool.must(args, { ...options, env: this.#codex_path() });
    if (this.tpool.server) await this.tpool.reload();
    return done;
  }

  pool(verb, ...args) {
    return this.must(['pool', verb, '--yes', '--no-input', '--codex-home', this.codex_home, ...args]);
  }

  #codex_path() {
    return { PATH: `${path.dirname(codex)}:${process.env.PATH}` };
  }

  async add_provider(id, { models = ['model-one'], turns = [], dialect = this.lane.split(' ').at(-1) } = {}) {
    const fake = await FakeProvider.start({ dialect, name: id, models, turns, namespaces: !this.lane.startsWith('plain'), signatures: 'required' });
    this.fakes.push(fake);
    this.providers[id] = fake;
    await this.must(['provider', 'add', id, '--id', id, '--protocol', dialect, '--base-url', fake.base_url,
      ...models.flatMap((m) => ['--model', m]), '--key-stdin', '--no-test', '--no-input'], { input: `${fake.key}\n` });
    const store = fs.readFileSync(this.tpool.store_file, 'utf8').replace(`id = "${id}"\n`, `id = "${id}"\n${quirks_of(fake)}\n`);
    // A Gemini model tells its thoughts only to those who ask, and Codex asks only models that reason.
    const reasons = dialect === 'gemini' ? 'reasoning = true\nefforts = ["low", "medium", "high"]\n' : '';
    const facts = models.map((m) => `\n[[provider.model]]\nid = "${m}"\ninput = ["text", "image"]\n${reasons}`).join('');
    fs.writeFileSync(this.tpool.store_file, store + facts, { mode: 0o600 });
    // The list shows the provider since `provider add`; nobody may ask for it before serve knows its quirks.
    if (this.tpool.server) await this.tpool.reload();
    return fake;
  }

  get env() {
    return { ...this.tpool.env, ...this.#codex_path(), RUST_LOG: 'error', ...this.extra_env };
  }

  // codex exec PROMPT; `resume` continues the last session.
  async exec(prompt, { args = [], resume = false } = {}) {
    const common = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '--json'];
    const done = await run(codex, ['exec', ...(resume ? ['resume', '--last'] : []), ...common, ...args, '--', prompt],
      { env: this.env, cwd: this.work, limit_ms: limit_ms * slow });
    const events = done.out.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    const messages = events.filter((e) => e.type === 'item.completed' && e.item.type === 'agent_message');
    return { ...done, events, text: messages.at(-1)?.item.text, messages: messages.map((e) => e.item.text),
      describe: () => `codex ended with ${done.code ?? done.signal}${done.timed_out ? ' at the time limit' : ''}\n${done.out}\n${done.err}\n${this.tpool.server?.err ?? ''}` };
  }

  async close() {
    const all = [...this.fakes.map((fake) => fake.close()), this.tpool.close()];
    const failed = (await Promise.allSettled(all)).find((r) => r.status === 'rejected');
    for (const fake of this.fakes) fake.expect_clean();
    if (failed) throw failed.reason;
  }
}

// A test that makes a rig, runs `body(rig, rig.providers.alpha)` and always cleans up.
export const scenario = (name, lane, options, body) => test(`${name} (${lane})`, async () => {
  const rig = await Rig.start({ lane, ...options });
  try {
    await body(rig, rig.providers.alpha);
  } finally {
    await rig.close();
  }
});

export const ended_well = (done) => assert.equal(done.code, 0, done.describe());
