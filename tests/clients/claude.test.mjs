// The real Claude Code without a screen, over every provider protocol.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { history, reasoning_sent, tool_results } from '../codex/history.mjs';
import { dialect_names } from '../integration/fake_provider.mjs';
import { slow } from '../integration/tpool.mjs';
import { answer, call, fail, say, think } from '../integration/turn.mjs';
import { claude } from './programs.mjs';
import { ended_well, scenario, work_in } from './rig.mjs';

const error = (message) => ({ error: { message } });
const long = 'Grüße, 世界 🌍! '.repeat(40).trim();

for (const dialect of dialect_names) {
  const over = (name, options, body) => scenario(`${name} (over ${dialect})`, claude,
    { ...options, providers: { alpha: { dialect, ...options.alpha } } }, body);

  over('a first turn streams its thoughts and its words, and counts them', { alpha: { turns: [
    { ...answer(think('A greeting.'), say(long)), piece: 3, usage: { input: 1234, cached: 1000, output: 56, reasoning: 7 } }] } },
  async (rig, alpha) => {
    const done = await rig.ask('say hello');
    ended_well(done, long);
    assert.equal(done.thinking, 'A greeting.', done.describe());
    assert.equal(done.pieces.join(''), long);
    assert.ok(done.pieces.length > 50, `${done.pieces.length} pieces: it was not streamed`);
    assert.deepEqual(done.usage, { input: 234, cached: 1000, output: 56 });
    assert.equal(alpha.requests.length, 1);
    assert.ok(history(alpha.last).some((m) => m.role === 'user' && m.text.includes('say hello')));
    const [record] = await rig.tpool.records();
    assert.equal(record.class, 'interactive');
    assert.equal(record.served.lane, dialect === 'messages' ? 'relay' : 'translate');
    const schemas = record.losses.filter((l) => l.field.startsWith('tools.schema.'));
    assert.ok(dialect === 'gemini' || schemas.length === 0, JSON.stringify(record.losses));
    assert.deepEqual(record.losses.filter((l) => !schemas.includes(l)).map((l) => l.field),
      { messages: [], gemini: ['system', 'context_management'] }[dialect] ?? ['context_management']);
  });

  over('tools change a file and read a picture, and their results and the thoughts before them go back', { alpha: { turns: (request) => {
    if (tool_results(request).length > 0) return answer(say('Done.'));
    const file = (name) => path.join(work_in(request), name);
    return answer(think('A poem.'), say('I write.'), call('Write', { file_path: file('poem.txt'), content: 'zweite "Zeile" \\ ü\n' }, { id: 'toolu_write' }),
      call('Bash', { command: 'echo from-the-$((6*7))-shell', description: 'Says something' }, { id: 'toolu_bash' }),
      call('Read', { file_path: file('dot.png') }, { id: 'toolu_read' }));
  } } },
  async (rig, alpha) => {
    fs.copyFileSync(fileURLToPath(new URL('../codex/dot.png', import.meta.url)), path.join(rig.work, 'dot.png'));
    const done = await rig.ask('write a poem');
    ended_well(done, 'Done.');
    assert.equal(fs.readFileSync(path.join(rig.work, 'poem.txt'), 'utf8'), 'zweite "Zeile" \\ ü\n', done.describe());
    assert.equal(alpha.requests.length, 2);
    // Claude Code tells results as they come in, not as they were called for.
    const results = tool_results(alpha.last).map((r) => r.text);
    assert.equal(results.length, 3);
    assert.equal(results.filter((text) => /poem\.txt/.test(text)).length, 1, String(results));
    assert.equal(results.filter((text) => /from-the-42-shell/.test(text)).length, 1, String(results));
    const pictures = history(alpha.last).flatMap((m) => m.images);
    assert.equal(pictures.length, 1);
    assert.match(pictures[0], /^data:image\/png;base64,/);
    assert.ok(reasoning_sent(alpha.last).length > 0, 'the thoughts go back to who had them');
  });
}

for (const dialect of ['messages', 'chat'])
  scenario(`a key at its limit and a key that fails give way to the third (over ${dialect})`, claude, { store: 'strategy = "priority"', providers: { alpha: {
    dialect, keys: ['sk-one', 'sk-two', 'sk-three'],
    turns: ({ key }) => ({ 'sk-one': fail(429, error('slow down'), { 'retry-after': '30' }), 'sk-two': fail(503, error('no room')) }[key] ?? answer(say('The third answers.'))) } } },
  async (rig, alpha) => {
    ended_well(await rig.ask('say hello'), 'The third answers.');
    assert.deepEqual([...new Set(alpha.requests.map((r) => r.key))], ['sk-one', 'sk-two', 'sk-three']);
    assert.equal((await rig.tpool.records()).length, 1, 'Claude Code asked once');
  });

scenario('a stream cut in the middle is asked for again', claude, { providers: { alpha: { dialect: 'messages',
  turns: [{ ...answer(say('This will be cut in the middle.')), stop_after: 5, then: 'reset' }, answer(say('Recovered.'))] } } },
async (rig, alpha) => {
  ended_well(await rig.ask('say hello'), 'Recovered.');
  assert.equal(alpha.requests.length, 2);
});

scenario('a conversation goes on at another provider of another protocol', claude, { providers: {
  alpha: { dialect: 'messages', turns: [answer(think('Mine alone.'), say('Alpha.'))] },
  beta: { dialect: 'gemini', turns: [answer(say('Beta.'))] } } },
async (rig, alpha) => {
  ended_well(await rig.ask('first'), 'Alpha.');
  ended_well(await rig.ask('second', { resume: true, model: 'beta/model-one' }), 'Beta.');
  assert.equal(alpha.requests.length, 1);
  const said = history(rig.providers.beta.last);
  assert.ok(said.some((m) => m.role === 'assistant' && m.text === 'Alpha.'), JSON.stringify(said));
});

scenario('a rejected key is told in words and without the key, soon', claude, { providers: {
  alpha: { dialect: 'chat', turns: () => fail(401, error('Incorrect API key provided: sk-alpha-0123456789abcdef')) } } },
async (rig, alpha) => {
  const from = Date.now();
  const done = await rig.ask('say hello');
  assert.equal(done.code, 1, done.describe());
  assert.ok(done.error && /alpha/.test(done.text), done.describe());
  assert.doesNotMatch(done.out + done.err, /sk-alpha/);
  assert.ok(alpha.requests.length <= 2, `${alpha.requests.length} requests`);
  assert.ok(Date.now() - from < 30_000 * slow, `the user waited ${Date.now() - from} ms`);
});

// Claude Code believes in a window of 200,000 tokens, and of its biggest size in 1,000,000.
for (const [takes, believed, short] of [[1_048_576, 1_000_000, undefined], [200_000, 200_000, undefined], [64_000, 200_000, '64000']])
  scenario(`a model of ${takes} tokens is believed to take ${believed}`, claude,
    { providers: { alpha: { dialect: 'chat', facts: `context = ${takes}`, turns: [answer(say('Here.'))] } } },
    async (rig) => {
      const done = await rig.ask('say hello');
      ended_well(done, 'Here.');
      assert.deepEqual(Object.values(done.result.modelUsage).map((u) => u.contextWindow), [believed], done.describe());
      assert.equal(JSON.parse(fs.readFileSync(rig.file)).env.CLAUDE_CODE_AUTO_COMPACT_WINDOW, short);
    });

const own = '{\n\t"env": { "MINE": "1" },\n\n\t"cleanupPeriodDays" : 7\n}';
scenario('the user\'s settings are as before after a turn without any network, whose switches nobody touched', claude,
  { settings: own, open: true, providers: { alpha: { dialect: 'messages', turns: [answer(say('Here.'))] } } },
  async (rig) => {
    ended_well(await rig.ask('say hello'), 'Here.');
    await rig.disconnect();
    assert.equal(fs.readFileSync(rig.file, 'utf8'), own);
    await rig.disconnect();
    assert.equal(fs.readFileSync(rig.file, 'utf8'), own, 'a second time changes nothing');
  });
