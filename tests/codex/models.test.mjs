// Models that no single provider owns, as the real Codex sees them: in its list, over several
// providers, and under the names it asks for.

import assert from 'node:assert/strict';
import { answer, call, fail, say } from '../integration/turn.mjs';
import { tool_results } from './history.mjs';
import { AppServer } from './app_server.mjs';
import { codex, ended_well, lanes, scenario } from './rig.mjs';

const shared = (turns) => ({ models: ['shared'], turns });

for (const lane of lanes.filter((l) => l !== 'direct')) {
  scenario('a turn goes on at another provider when the one its rule prefers fails', lane,
    { providers: {
      alpha: shared(() => fail(503, { error: { message: 'the machine room is on fire' } })),
      beta: shared([answer(call('exec_command', { cmd: 'echo from-the-$((6*7))-shell' }, { id: 'call_shell' })), answer(say('From beta.'))]),
    } },
    async (rig, alpha) => {
      await rig.must(['model', 'add', 'shared', '--developer', 'acme', '--no-input']);
      for (const [id, priority] of [['alpha', '10'], ['beta', '20']])
        await rig.must(['rule', 'add', '--developer', 'acme', '--provider', id, '--priority', priority, '--no-input']);
      await rig.must(['model', 'alias', 'gpt-5.5', 'shared', '--no-input']);

      const server = await AppServer.start(codex, { env: rig.env, cwd: rig.work });
      try {
        const models = await server.models();
        for (const name of ['shared', 'gpt-5.5', 'alpha/shared', 'beta/shared'])
          assert.ok(models.includes(name), `${name} is in ${models}`);
      } finally {
        await server.close();
      }
      const done = await rig.exec('run it', { args: ['-m', 'gpt-5.5'] });
      ended_well(done);
      assert.equal(done.text, 'From beta.', done.describe());
      const { beta } = rig.providers;
      assert.equal(beta.requests.length, 2);
      assert.match(tool_results(beta.last)[0].text, /from-the-42-shell/);
      assert.ok(alpha.requests.length <= 2, `${alpha.requests.length} requests`);
      const records = await rig.tpool.records();
      for (const record of records) {
        assert.equal(record.requested, 'gpt-5.5');
        assert.equal(record.plan.resolved_by, 'alias');
        assert.equal(record.served.provider, 'beta');
      }
    });
}
