// The real Codex over WebSocket, where the store switches it on.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { answer, call, say } from '../integration/turn.mjs';
import { ended_well, lanes, scenario } from './rig.mjs';

for (const lane of lanes.filter((one) => one !== 'direct')) {
  scenario('a tool and a second turn over one connection', lane, { providers: { alpha: { turns: [
    answer(call('exec_command', { cmd: 'echo from the tool' })), answer(say('It said so.'))] } } },
  async (rig, alpha) => {
    const store = rig.tpool.store_file;
    fs.writeFileSync(store, fs.readFileSync(store, 'utf8').replace('[settings]\n', '[settings]\nwebsocket = true\n'), { mode: 0o600 });
    await rig.tpool.reload();
    const done = await rig.exec('Run the tool.', { args: ['-c', 'model_providers.tpool.supports_websockets=true'] });
    ended_well(done);
    assert.equal(done.text, 'It said so.', done.describe());
    // The warm-up stays here, and what a provider is sent is the whole conversation.
    assert.equal(alpha.requests.length, 2);
    for (const { bytes } of alpha.requests)
      for (const name of ['previous_response_id', '"generate"', 'response.create']) assert.ok(!bytes.includes(name), name);
    const last = JSON.stringify(alpha.last.body);
    for (const text of ['Run the tool.', 'echo from the tool', 'from the tool\\n']) assert.ok(last.includes(text) || last.includes(text.replace('\\n', '\\\\n')), text);
    // Only a Codex that speaks in frames says when they began.
    if (lane === 'responses') assert.ok(last.includes('ws-stream-request-start'), 'it came over WebSocket');
  });
}
