// What a user of the real Codex sees when a provider fails: soon, in words, and only once.

import assert from 'node:assert/strict';
import { answer, fail, say } from '../integration/turn.mjs';
import { slow } from '../integration/tpool.mjs';
import { ended_well, lanes, scenario } from './rig.mjs';

const shown = (done) => done.events.filter((e) => e.type === 'error' || e.type === 'turn.failed')
  .map((e) => e.message ?? e.error?.message).join('\n');
const always = (turn) => ({ providers: { alpha: { turns: () => turn } } });

for (const lane of lanes.filter((l) => l !== 'direct')) {
  const told_soon = (name, turn, says) => scenario(name, lane, always(turn), async (rig, alpha) => {
    const from = Date.now();
    const done = await rig.exec('hello');
    assert.equal(done.code, 1, done.describe());
    assert.match(shown(done), says, done.describe());
    assert.doesNotMatch(done.out + done.err, /sk-alpha/, 'the key is not shown');
    assert.ok(alpha.requests.length <= 4, `${alpha.requests.length} requests for one turn`);
    assert.ok(Date.now() - from < 30_000 * slow, `the user waited ${Date.now() - from} ms`);
  });

  told_soon('a broken provider is named, not retried thirty times', fail(500, { error: { message: 'the machine room is on fire' } }), /alpha/);
  told_soon('a rejected key is told without showing it', fail(401, { error: { message: 'Incorrect API key provided: sk-alpha-0123456789abcdef' } }), /alpha/);
  told_soon('a request the provider refuses is told in its own words', fail(400, { error: { message: 'temperature is too hot', code: 'bad_temperature' } }), /temperature is too hot/);

  scenario('a rate limit with a hint is waited for, then the turn goes on', lane,
    { providers: { alpha: { turns: [fail(429, { error: { message: 'slow down' } }, { 'retry-after': '1' }), answer(say('Thank you for waiting.'))] } } },
    async (rig, alpha) => {
      const done = await rig.exec('hello');
      ended_well(done);
      assert.equal(done.text, 'Thank you for waiting.');
      assert.ok(alpha.requests[1].at - alpha.requests[0].at >= 950, 'the hint is honoured');
    });

  scenario('a stream cut in the middle is tried again by Codex and the turn ends well', lane,
    { providers: { alpha: { turns: [{ ...answer(say('This will be cut in the middle.')), stop_after: 7, then: 'reset' }, answer(say('Recovered.'))] } } },
    async (rig) => {
      const done = await rig.exec('hello');
      ended_well(done);
      assert.equal(done.text, 'Recovered.', done.describe());
    });

  scenario('an unknown model is told with the nearest names', lane, { providers: { alpha: { turns: [] } } },
    async (rig) => {
      const done = await rig.exec('hello', { args: ['-m', 'alpha/model-onne'] });
      assert.equal(done.code, 1, done.describe());
      assert.match(shown(done), /alpha\/model-one\b/, done.describe());
    });
}
