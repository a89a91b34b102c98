// The live catalog: a Codex that runs sees what the pool has now.

import assert from 'node:assert/strict';
import { answer, say } from '../integration/turn.mjs';
import { slow } from '../integration/tpool.mjs';
import { sleep } from '../integration/wire.mjs';
import { AppServer } from './app_server.mjs';
import { codex, lanes, scenario } from './rig.mjs';

const until = async (what, holds, limit_ms = 10_000 * slow) => {
  const end = Date.now() + limit_ms;
  for (;;) {
    const value = await what();
    if (holds(value) || Date.now() > end) return value;
    await sleep(100);
  }
};

for (const lane of lanes) {
  scenario('a provider added while a session runs appears in its list and serves its next turn', lane,
    { providers: { alpha: { turns: [answer(say('one')), answer(say('two'))] } } },
    async (rig) => {
      const server = await AppServer.start(codex, { env: rig.env, cwd: rig.work });
      try {
        const before = await server.models();
        assert.ok(before.includes('alpha/model-one') && !before.includes('beta/model-two'), String(before));
        const thread = await server.thread(rig.work, 'alpha/model-one');
        assert.equal((await server.turn(thread, 'first')).text, 'one');

        await rig.add_provider('beta', { models: ['model-two'], turns: [answer(say('from beta'))] });
        assert.equal((await server.turn(thread, 'second')).text, 'two');
        const models = await until(() => server.models(), (list) => list.includes('beta/model-two'));
        assert.ok(models.includes('alpha/model-one') && models.includes('beta/model-two'), String(models));

        const third = await server.turn(thread, 'third', { model: 'beta/model-two' });
        assert.equal(third.text, 'from beta', JSON.stringify(third));
        assert.equal(rig.providers.beta.requests.length, 1);
      } finally {
        await server.close();
      }
    });
}
