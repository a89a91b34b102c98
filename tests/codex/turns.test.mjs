// One turn of the real Codex: text, tools, patches, MCP, pictures, a schema.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { answer, call, custom_call, say, think } from '../integration/turn.mjs';
import { history, tool_results } from './history.mjs';
import { ended_well, lanes, scenario } from './rig.mjs';

const mcp_tables = `[mcp_servers.tiny]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(fileURLToPath(new URL('mcp_server.mjs', import.meta.url)))}]
`;

for (const lane of lanes) {
  scenario('a first turn shows the answer and its usage', lane,
    { providers: { alpha: { turns: [{ ...answer(think('A greeting.'), say('Hello from the model.')),
      usage: { input: 1234, cached: 1000, output: 56, reasoning: 7 } }] } } },
    async (rig, alpha) => {
      const done = await rig.exec('say hello');
      ended_well(done);
      assert.equal(done.text, 'Hello from the model.', done.describe());
      const reasoning = done.events.find((e) => e.item?.type === 'reasoning');
      assert.equal(reasoning?.item.text, 'A greeting.', done.describe());
      const { usage } = done.events.find((e) => e.type === 'turn.completed');
      assert.equal(usage.input_tokens, 1234);
      assert.equal(usage.cached_input_tokens, 1000);
      assert.equal(usage.output_tokens, 56);
      assert.equal(alpha.requests.length, 1);
      assert.ok(history(alpha.last).some((m) => m.role === 'user' && m.text.includes('say hello')));
    });

  scenario('a shell command runs and its output reaches the model', lane,
    { providers: { alpha: { turns: [
      answer(say('I will look.'), call('exec_command', { cmd: 'echo from-the-$((6*7))-shell; exit 3' }, { id: 'call_shell' })),
      answer(say('Done.')),
    ] } } },
    async (rig, alpha) => {
      const done = await rig.exec('run it');
      ended_well(done);
      assert.equal(done.text, 'Done.', done.describe());
      assert.equal(alpha.requests.length, 2);
      const [result] = tool_results(alpha.last);
      assert.equal(result.id, 'call_shell');
      assert.match(result.text, /from-the-42-shell/);
      assert.match(result.text, /code 3/);
      assert.ok(history(alpha.last).some((m) => m.role === 'assistant' && m.text === 'I will look.'));
    });

  scenario('apply_patch changes a file', lane,
    { providers: { alpha: { turns: [
      answer(custom_call('apply_patch', '*** Begin Patch\n*** Update File: poem.txt\n@@\n first\n-second\n+zweite "Zeile" \\ ü\n*** End Patch\n', { id: 'call_patch' })),
      answer(say('Patched.')),
    ] } } },
    async (rig, alpha) => {
      const file = path.join(rig.work, 'poem.txt');
      fs.writeFileSync(file, 'first\nsecond\n');
      const done = await rig.exec('patch it');
      ended_well(done);
      assert.equal(done.text, 'Patched.', done.describe());
      assert.equal(fs.readFileSync(file, 'utf8'), 'first\nzweite "Zeile" \\ ü\n', done.describe());
      const [result] = tool_results(alpha.last);
      assert.equal(result.id, 'call_patch');
      assert.match(result.text, /poem\.txt/);
    });

  scenario('parallel tools both run and both answers go back in order', lane,
    { providers: { alpha: { turns: [
      answer(call('exec_command', { cmd: 'echo one > one.txt; echo ran-one' }, { id: 'call_one' }),
        call('exec_command', { cmd: 'echo two > two.txt; echo ran-two' }, { id: 'call_two' })),
      answer(say('Both ran.')),
    ] } } },
    async (rig, alpha) => {
      const done = await rig.exec('do both');
      ended_well(done);
      assert.equal(done.text, 'Both ran.', done.describe());
      assert.deepEqual(['one.txt', 'two.txt'].map((f) => fs.existsSync(path.join(rig.work, f))), [true, true]);
      const results = tool_results(alpha.last);
      assert.deepEqual(results.map((r) => r.id), ['call_one', 'call_two']);
      assert.match(results[0].text, /ran-one/);
      assert.match(results[1].text, /ran-two/);
    });

  scenario('an MCP tool is called by namespace, its text and its picture come back', lane,
    { providers: { alpha: { turns: [
      answer(call('echo', { text: 'yo' }, { id: 'call_echo', namespace: 'mcp__tiny' }),
        call('picture', {}, { id: 'call_picture', namespace: 'mcp__tiny' })),
      answer(say('MCP works.')),
    ] } }, tables: mcp_tables },
    async (rig, alpha) => {
      const done = await rig.exec('use the server');
      ended_well(done);
      assert.equal(done.text, 'MCP works.', done.describe());
      const results = tool_results(alpha.last);
      assert.deepEqual(results.map((r) => r.id), ['call_echo', 'call_picture']);
      assert.match(results[0].text, /echo: yo/, done.describe());
      assert.doesNotMatch(results[1].text, /unsupported call/);
      const pictures = history(alpha.last).flatMap((m) => m.images);
      assert.equal(pictures.length, 1, 'the picture of the tool reaches the model');
    });

  scenario('a picture given with -i reaches the model', lane,
    { providers: { alpha: { turns: [answer(say('I see a dot.'))] } } },
    async (rig, alpha) => {
      const picture = path.join(rig.work, 'dot.png');
      fs.copyFileSync(fileURLToPath(new URL('dot.png', import.meta.url)), picture);
      const done = await rig.exec('what is this', { args: ['-i', picture] });
      ended_well(done);
      assert.equal(done.text, 'I see a dot.', done.describe());
      const pictures = history(alpha.last).flatMap((m) => m.images);
      assert.equal(pictures.length, 1);
      assert.match(pictures[0], /^data:image\/png;base64,/);
    });

  scenario('a JSON schema for the answer reaches the model', lane,
    { providers: { alpha: { turns: [answer(say('{"answer":"42"}'))] } } },
    async (rig, alpha) => {
      const schema = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'], additionalProperties: false };
      const file = path.join(rig.work, 'schema.json');
      fs.writeFileSync(file, JSON.stringify(schema));
      const done = await rig.exec('answer in JSON', { args: ['--output-schema', file] });
      ended_well(done);
      assert.deepEqual(JSON.parse(done.text), { answer: '42' }, done.describe());
      const { body } = alpha.last;
      if (body.generationConfig) {
        assert.equal(body.generationConfig.responseMimeType, 'application/json');
        assert.deepEqual(body.generationConfig.responseSchema,
          { type: 'OBJECT', properties: { answer: { type: 'STRING' } }, propertyOrdering: ['answer'], required: ['answer'] });
        return;
      }
      const format = body.text?.format ?? body.response_format?.json_schema ?? body.output_config?.format;
      assert.deepEqual(format?.schema, schema);
    });

  scenario('three hundred deltas of text arrive whole', lane,
    { providers: { alpha: { turns: [{ ...answer(say('Grüße, 世界 🌍! '.repeat(100))), piece: 3 }] } } },
    async (rig) => {
      const done = await rig.exec('talk');
      ended_well(done);
      assert.equal(done.text, 'Grüße, 世界 🌍! '.repeat(100), done.describe());
    });
}
