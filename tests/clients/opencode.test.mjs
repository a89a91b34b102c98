// The real opencode without a screen, over every provider protocol. One run takes seconds of processor time, so a run
// proves as much as it can.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { history, reasoning_sent, tool_results } from '../codex/history.mjs';
import { dialect_names } from '../integration/fake_provider.mjs';
import { answer, call, fail, say, think } from '../integration/turn.mjs';
import { opencode } from './programs.mjs';
import { ended_well, scenario, work_in } from './rig.mjs';

const error = (message) => ({ error: { message } });
const long = 'Grüße, 世界 🌍! '.repeat(40).trim();

for (const dialect of dialect_names)
  scenario(`thoughts, tools that change a file, and words (over ${dialect})`, opencode, { providers: { alpha: { dialect, turns: (request) => {
    if (tool_results(request).length > 0) return { ...answer(say(long)), piece: 3, usage: { input: 1234, cached: 1000, output: 56, reasoning: 7 } };
    const file = path.join(work_in(request), 'poem.txt');
    return answer(think('A poem.'), say('I write.'), call('write', { filePath: file, content: 'zweite "Zeile" \\ ü\n' }, { id: 'call_write' }),
      call('bash', { command: 'echo from-the-$((6*7))-shell', description: 'Says something' }, { id: 'call_bash' }));
  } } } },
  async (rig, alpha) => {
    const done = await rig.ask('write a poem');
    ended_well(done, long);
    // Gemini tells its thoughts to those who ask, and opencode does not; what a provider seals, a Chat client cannot hold.
    assert.equal(done.thinking, dialect === 'gemini' ? '' : 'A poem.', done.describe());
    if (dialect === 'chat') assert.deepEqual(reasoning_sent(alpha.requests.filter((r) => r.body.tools)[1]), ['A poem.']);
    assert.deepEqual(done.pieces, ['I write.', long]);
    assert.deepEqual(done.usage, { input: 234, cached: 1000, output: 56 });
    assert.equal(fs.readFileSync(path.join(rig.work, 'poem.txt'), 'utf8'), 'zweite "Zeile" \\ ü\n', done.describe());
    const asked = alpha.requests.filter((r) => r.body.tools);
    assert.equal(asked.length, 2);
    assert.ok(alpha.requests.length > 2, 'a title was asked for as well');
    const results = tool_results(asked[1]);
    assert.equal(results.length, 2);
    assert.match(results.map((r) => r.text).join(), /from-the-42-shell/);
    assert.ok(history(asked[1]).some((m) => m.role === 'user' && m.text.includes('write a poem')));
    const records = await rig.tpool.records();
    assert.deepEqual(records.map((r) => r.class).sort(), alpha.requests.map((r) => (r.body.tools ? 'interactive' : 'background')).sort());
    assert.deepEqual([...new Set(records.map((r) => r.served.lane))], [dialect === 'chat' ? 'relay' : 'translate']);
    const lost = records.flatMap((r) => r.losses.map((l) => l.field)).filter((field) => dialect !== 'gemini' || !field.startsWith('tools.schema.'));
    assert.deepEqual(lost, { responses: ['reasoning.encrypted_content'], gemini: ['reasoning.signature'], messages: ['reasoning'] }[dialect] ?? []);
  });

// Without `$schema` opencode would write it in by itself.
const own = '{\r\n  "$schema": "https://opencode.ai/config.json",\r\n  // mine, do not touch\r\n  "theme": "system", "username" : "ü",\r\n  "share": "disabled",\r\n}\r\n';
scenario('keys that fail give way to the third, whose cut stream is asked for again, without any network; the user\'s settings are as before', opencode,
  { settings: own, open: true, store: 'strategy = "priority"', providers: { alpha: { dialect: 'chat', keys: ['sk-one', 'sk-two', 'sk-three'], turns: (request, times) => {
    if (request.key === 'sk-one') return fail(429, error('slow down'), { 'retry-after': '30' });
    if (request.key === 'sk-two') return fail(503, error('no room'));
    return times === 1 ? { ...answer(say('This will be cut in the middle.')), stop_after: 5, then: 'reset' } : answer(say('The third answers.'));
  } } } },
  async (rig, alpha) => {
    ended_well(await rig.ask('say hello'), 'The third answers.');
    assert.deepEqual([...new Set(alpha.requests.map((r) => r.key))].sort(), ['sk-one', 'sk-three', 'sk-two']);
    for (let i = 0; i < 2; i++) {
      await rig.disconnect();
      assert.equal(fs.readFileSync(rig.file, 'utf8'), own);
    }
  });
