// Longer sessions of the real Codex: reasoning that comes back, a model switch, compaction.

import assert from 'node:assert/strict';
import { answer, call, custom_call, say, think } from '../integration/turn.mjs';
import { history, reasoning_sent, tool_results } from './history.mjs';
import { ended_well, lanes, scenario } from './rig.mjs';

const first_session = () => [
  answer(think('A secret of alpha.'), call('exec_command', { cmd: 'echo alpha-ran' }, { id: 'call_alpha' })),
  answer(think('Another secret of alpha.'), say('Alpha is done.')),
];

const switched_well = (alpha, beta) => {
  assert.equal(alpha.requests.length, 2);
  assert.equal(beta.requests.length, 1);
  const said = history(beta.last);
  assert.ok(said.some((m) => m.role === 'assistant' && m.text === 'Alpha is done.'), 'the old answer is part of the history');
  assert.ok(said.some((m) => m.role === 'user' && m.text.includes('go on')));
  assert.match(tool_results(beta.last)[0].text, /alpha-ran/);
};

for (const lane of lanes) {
  scenario('reasoning goes back to the provider that made it, within the turn', lane,
    { providers: { alpha: { turns: first_session() } } },
    async (rig, alpha) => {
      ended_well(await rig.exec('work'));
      const sent = reasoning_sent(alpha.last);
      assert.equal(sent.length, 1);
      // A signature of Gemini's is checked by the provider itself: it must stand on the call it came on.
      const told = alpha.signed ? [...alpha.signed.keys()][0] : alpha.last.body.messages ? 'A secret of alpha.' : `${alpha.mint ?? 'enc.'}${Buffer.from('A secret of alpha.').toString('base64')}`;
      assert.equal(sent[0], told);
    });

  scenario('a session resumed with another provider keeps its history, not the foreign reasoning', lane,
    { providers: { alpha: { turns: first_session() }, beta: { models: ['model-two'], turns: [answer(say('Beta goes on.'))] } } },
    async (rig, alpha) => {
      ended_well(await rig.exec('work', { args: ['-m', 'alpha/model-one'] }));
      const done = await rig.exec('go on', { resume: true, args: ['-m', 'beta/model-two'] });
      ended_well(done);
      assert.equal(done.text, 'Beta goes on.', done.describe());
      switched_well(alpha, rig.providers.beta);
      if (lane !== 'direct') assert.doesNotMatch(rig.providers.beta.last.bytes.toString(), /enc\.alpha/);
    });

  scenario('a session resumed after a patch and a shell command replays both calls', lane,
    { providers: { alpha: { turns: [
      answer(custom_call('apply_patch', '*** Begin Patch\n*** Add File: new.txt\n+made\n*** End Patch\n', { id: 'call_patch' })),
      answer(call('exec_command', { cmd: 'cat new.txt' }, { id: 'call_cat' })),
      answer(say('First part.')),
      answer(say('Second part.')),
    ] } } },
    async (rig, alpha) => {
      ended_well(await rig.exec('start'));
      const done = await rig.exec('continue', { resume: true });
      ended_well(done);
      assert.equal(done.text, 'Second part.');
      assert.deepEqual(tool_results(alpha.last).map((r) => r.id), ['call_patch', 'call_cat']);
      assert.match(tool_results(alpha.last)[1].text, /made/);
    });

  scenario('local compaction replaces the history by the summary', lane,
    { root: 'model_auto_compact_token_limit = 5000\n', providers: { alpha: { turns: [
      { ...answer(call('exec_command', { cmd: 'echo before-the-summary' }, { id: 'call_big' })), usage: { input: 9000, output: 10 } },
      { ...answer(say('SUMMARY-OF-WORK')), usage: { input: 900, output: 10 } },
      { ...answer(say('After the summary.')), usage: { input: 900, output: 10 } },
    ] } } },
    async (rig, alpha) => {
      const done = await rig.exec('long work');
      ended_well(done);
      assert.equal(done.text, 'After the summary.', done.describe());
      assert.equal(alpha.requests.length, 3, done.describe());
      const [, compaction, after] = alpha.requests;
      assert.match(history(compaction).at(-1).text, /CONTEXT CHECKPOINT COMPACTION/);
      // Where a history of calls must name its tools, they may not be called.
      assert.ok((compaction.body.tools ?? []).length === 0 || compaction.body.tool_choice.type === 'none');
      assert.ok(history(after).some((m) => m.role === 'user' && m.text.includes('SUMMARY-OF-WORK')));
      assert.ok(!history(after).some((m) => m.text.includes('before-the-summary')));
    });
}

// Across protocols: what one wrote the other must be able to read.
for (const [from, to] of lanes.includes('direct') ? [] : [['responses', 'chat'], ['chat', 'responses'], ['responses', 'gemini'], ['gemini', 'chat'], ['messages', 'responses'], ['chat', 'messages']]) {
  scenario(`a session moves from a ${from} provider to a ${to} provider and back`, `${from} to ${to}`,
    { lane: from, providers: {
      alpha: { dialect: from, turns: [...first_session(), answer(say('Alpha again.'))] },
      beta: { dialect: to, models: ['model-two'], turns: [answer(think('Beta thinks.'), say('Beta goes on.'))] },
    } },
    async (rig, alpha) => {
      ended_well(await rig.exec('work', { args: ['-m', 'alpha/model-one'] }));
      ended_well(await rig.exec('go on', { resume: true, args: ['-m', 'beta/model-two'] }));
      switched_well({ requests: alpha.requests.slice(0, 2) }, rig.providers.beta);
      const done = await rig.exec('and back', { resume: true, args: ['-m', 'alpha/model-one'] });
      ended_well(done);
      assert.equal(done.text, 'Alpha again.', done.describe());
      assert.ok(history(alpha.last).some((m) => m.role === 'assistant' && m.text === 'Beta goes on.'));
    });
}
