// The real Codex against scripted providers: through tpool, or straight at a fake Responses provider.
//
//   const rig = await Rig.start({ lane: 'chat', providers: { alpha: { turns: [...] } } });
//   const done = await rig.exec('say hello');       // codex exec; done.text, done.events, done.code
//   rig.providers.alpha.requests                    // what the provider was sent
//   await rig.close();                              // also fails on any request a real provider refuses
//
// Lanes: `responses` and `chat` name the protocol of the providers behind `tpool serve`. `direct`
// leaves tpool out and so proves the scenario itself; TPOOL_CODEX_DIRECT=1 runs every scenario so.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FakeProvider } from '../integration/fake_provider.mjs';
import { run } from '../integration/process.mjs';
import { repository, slow, Tpool } from '../integration/tpool.mjs';
import { catalog_entry } from './catalog.mjs';

export const lanes = process.env.TPOOL_CODEX_DIRECT ? ['direct'] : ['responses', 'chat'];
export const codex = process.env.CODEX_BIN ?? path.join(repository, 'tests/node_modules/.bin/codex');
export const limit_ms = 60_000;

export class Rig {
  static async start({ lane, providers, root = '', tables = '' }) {
    const rig = new Rig();
    Object.assign(rig, { lane, root, tables, providers: {}, extra_env: {} });
    rig.tpool = await Tpool.scratch({ clients: false });
    rig.folder = rig.tpool.folder;
    rig.codex_home = rig.tpool.codex_home;
    rig.work = path.join(rig.folder, 'work');
    fs.mkdirSync(rig.work);
    rig.config = path.join(rig.codex_home, 'config.toml');
    if (lane === 'direct') await rig.#start_direct(providers);
    else await rig.#start_tpool(providers);
    return rig;
  }

  async #start_direct(providers) {
    const slugs = Object.entries(providers).flatMap(([id, p]) => (p.models ?? ['model-one']).map((m) => `${id}/${m}`));
    const scripts = Object.fromEntries(Object.entries(providers).map(([id, p]) => [id, p.turns]));
    const fake = await FakeProvider.start({ name: '', models: slugs, turns: (request) => {
      const turns = scripts[request.body.model.split('/')[0]];
      return typeof turns === 'function' ? turns(request) : turns.shift();
    }, catalog: () => ({ models: slugs.map(catalog_entry), etag: '"direct"' }) });
    fake.mint = 'enc.';
    this.fakes = [fake];
    for (const id of Object.keys(providers)) {
      this.providers[id] = {
        get requests() { return fake.requests.filter((r) => r.body?.model?.startsWith(`${id}/`)); },
        get last() { return this.requests.at(-1); },
      };
    }
    fs.writeFileSync(this.config, `model = "${slugs[0]}"
model_provider = "fake"
${this.root}
[model_providers.fake]
name = "fake"
base_url = "${fake.base_url}"
experimental_bearer_token = "${fake.key}"
model_catalog_url = "${fake.base_url}/models"
${this.tables}`);
  }

  async #start_tpool(providers) {
    this.fakes = [];
    fs.writeFileSync(this.config, `${this.root}\n${this.tables}`);
    for (const [id, options] of Object.entries(providers)) await this.add_provider(id, options);
    await this.tpool.must(['pool', 'enable', '--yes', '--no-input', '--codex-home', this.codex_home], { env: this.#codex_path() });
    await this.tpool.serve();
  }

  #codex_path() {
    return { PATH: `${path.dirname(codex)}:${process.env.PATH}` };
  }

  async add_provider(id, { models = ['model-one'], turns = [], dialect = this.lane } = {}) {
    const fake = await FakeProvider.start({ dialect, name: id, models, turns });
    this.fakes.push(fake);
    this.providers[id] = fake;
    await this.tpool.must(['provider', 'add', id, '--id', id, '--protocol', dialect, '--base-url', fake.base_url,
      ...models.flatMap((m) => ['--model', m]), '--key-stdin', '--no-test', '--no-input'],
      { input: `${fake.key}\n`, env: this.#codex_path() });
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

export const scratch_file = (name, bytes) => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'tpool-file-')), name);
  fs.writeFileSync(file, bytes);
  return file;
};
