// pool enable, codex exec, pool disable: Codex's files end as they began.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { answer, say } from '../integration/turn.mjs';
import { ended_well, lanes, scenario } from './rig.mjs';

const user_config = [
  '# my own settings, do not touch',
  'approval_policy = "never"   # no questions',
  'model = "gpt-5.5"',
  '',
  '[features]',
  'goals = true',
  '',
  '[profiles.other]',
  'model = "another"',
  'model_provider = "openai"',
  '',
  '[mcp_servers.none]',
  'command = "true"',
  'enabled = false',
  '',
].join('\r\n');

const files_under = (folder) => fs.readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => !entry.isDirectory())
  .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));

const modes = [
  { name: 'live', enable: [], args: [] },
  { name: 'file', enable: ['--catalog', 'file'], args: [] },
  { name: 'profile', enable: ['--profile'], args: ['-p', 'tpool'] },
];

for (const lane of lanes.filter((l) => l !== 'direct')) {
  for (const mode of modes) {
    scenario(`${mode.name} wiring: enable, a turn, disable leaves every file as it was`, lane,
      { config: user_config, enable: mode.enable, providers: { alpha: { turns: [answer(say('Wired.'))] } } },
      async (rig) => {
        const written = files_under(rig.codex_home);
        const done = await rig.exec('hello', { args: [...mode.args, '-m', 'alpha/model-one'] });
        ended_well(done);
        assert.equal(done.text, 'Wired.', done.describe());

        await rig.pool('disable');
        assert.equal(fs.readFileSync(rig.config, 'utf8'), user_config);
        const left = files_under(rig.codex_home);
        const ours = written.filter((file) => file !== 'config.toml' && left.includes(file));
        assert.deepEqual(ours, [], 'files that pool enable had made');
        assert.deepEqual(left.filter((file) => /tpool/i.test(path.basename(file))), []);

        await rig.pool('disable');
        assert.equal(fs.readFileSync(rig.config, 'utf8'), user_config, 'a second disable changes nothing');
      });
  }

  scenario('with no config.toml before, none is left behind', lane,
    { config: '', providers: { alpha: { turns: [answer(say('Wired.'))] } } },
    async (rig) => {
      await rig.pool('disable');
      fs.rmSync(rig.config, { force: true });
      await rig.pool('enable');
      ended_well(await rig.exec('hello', { args: ['-m', 'alpha/model-one'] }));
      await rig.pool('disable');
      assert.equal(fs.existsSync(rig.config), false, fs.existsSync(rig.config) ? fs.readFileSync(rig.config, 'utf8') : '');
    });

  scenario('--dry-run shows the diff without the token and writes nothing', lane,
    { config: user_config, providers: { alpha: { turns: [] } } },
    async (rig) => {
      const token = /experimental_bearer_token = "([^"]+)"/.exec(fs.readFileSync(rig.config, 'utf8'))?.[1];
      assert.ok(token, 'the wiring carries a token');
      await rig.pool('disable');
      const done = await rig.pool('enable', '--dry-run');
      assert.match(done.out + done.err, /model_providers\.tpool/);
      assert.ok(!`${done.out}${done.err}`.includes(token));
      assert.equal(fs.readFileSync(rig.config, 'utf8'), user_config);
    });
}
