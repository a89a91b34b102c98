// Bad days with the real Codex: a model that two providers have, and what happens to one of them.
//
// Every turn completes, or ends with a message that names the cause.

import assert from 'node:assert/strict';
import { answer, call, fail, say } from '../integration/turn.mjs';
import { sleep } from '../integration/wire.mjs';
import { ended_well, lanes, scenario } from './rig.mjs';

const error = (message, code) => ({ error: { message, code } });
const from_beta = { turns: () => answer(say('Beta answers.')) };
const shared = ['model-one'];
const model = ['-m', 'model-one'];

// The favourite fails so from its first request on.
const favourite_fails = {
  'a storm of 429s with a hint': () => fail(429, error('slow down'), { 'retry-after': '30' }),
  'a storm of 429s without': () => fail(429, error('slow down')),
  'a dead provider': () => ({ raw: ['reset'] }),
  'a revoked key': () => fail(401, error('Incorrect API key provided')),
  'an exhausted quota with its time': () => fail(429, { error: { message: 'You exceeded your current quota', code: 'insufficient_quota', resets_in_seconds: 3600 } }),
  'errors inside good answers': () => ({ status: 200, body: error('it is all wrong', 'server_error') }),
};

for (const lane of lanes.filter((l) => l !== 'direct' && !l.startsWith('plain'))) {
  for (const [name, turn] of Object.entries(favourite_fails)) {
    scenario(`${name} moves the turn to the other provider of the model`, lane,
      { shared, providers: { alpha: { turns: turn }, beta: from_beta } },
      async (rig, alpha) => {
        const done = await rig.exec('say hello', { args: model });
        ended_well(done);
        assert.equal(done.text, 'Beta answers.', done.describe());
        assert.equal(alpha.requests.length, 1);
      });
  }

  scenario('a key that is revoked between two calls of a turn', lane,
    { shared, providers: { alpha: { turns: [answer(say('I look.'), call('exec_command', { cmd: 'echo seen' }, { id: 'call_1' })),
      fail(401, error('Incorrect API key provided'))] }, beta: from_beta } },
    async (rig, alpha) => {
      const done = await rig.exec('look around', { args: model });
      ended_well(done);
      assert.equal(done.text, 'Beta answers.', done.describe());
      assert.equal(alpha.requests.length, 2);
      assert.match(JSON.stringify(rig.providers.beta.last.body), /seen/);
    });

  scenario('a model whose every provider is out of quota ends the turn with the cause, once', lane,
    { shared, providers: { alpha: { turns: () => fail(402, error('Insufficient Balance')) }, beta: { turns: () => fail(402, error('Insufficient Balance')) } } },
    async (rig, alpha) => {
      const done = await rig.exec('say hello', { args: model });
      assert.notEqual(done.code, 0, done.describe());
      assert.match(done.out, /Insufficient Balance|quota/i);
      assert.match(done.out, /alpha/);
      assert.match(done.out, /beta/);
      assert.ok(alpha.requests.length + rig.providers.beta.requests.length <= 2, done.describe());
    });

  scenario('a short limit everywhere is waited for, not told', lane,
    { providers: { alpha: { turns: [fail(429, error('slow down'), { 'retry-after': '2' }), answer(say('Alpha again.'))] } } },
    async (rig, alpha) => {
      const done = await rig.exec('say hello');
      ended_well(done);
      assert.equal(done.text, 'Alpha again.', done.describe());
      assert.ok(alpha.requests[1].at - alpha.requests[0].at >= 1900, `${alpha.requests[1].at - alpha.requests[0].at} ms`);
    });

  scenario('a brown-out: every second call fails, and the session goes on', lane,
    { shared, providers: {
      alpha: { turns: (() => { let n = 0; return () => (++n % 2 ? fail(500, error('internal')) : answer(say(`Alpha ${n}.`))); })() },
      beta: { turns: (() => { let n = 0; return () => (++n % 2 ? answer(say(`Beta ${n}.`)) : fail(529, error('overloaded'))); })() } } },
    async (rig) => {
      for (let i = 0; i < 4; i++) {
        const done = await rig.exec(`question ${i}`, { args: model, resume: i > 0 });
        ended_well(done);
        assert.match(done.text, /^(Alpha|Beta) \d+\.$/, done.describe());
        await sleep(10);
      }
    });
}
