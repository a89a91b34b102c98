// previous_response_id: what was said is remembered here, bounded, by client, over a restart.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { dialect_names } from './fake_provider.mjs';
import { stop } from './process.mjs';
import { read_stream, read_whole } from './responses_client.mjs';
import { answer, call, say, think } from './turn.mjs';
import { slow } from './tpool.mjs';
import { alpha, world } from './world.mjs';

const model = 'alpha/model-one';
const parameters = { type: 'object', properties: { where: { type: 'string' } }, required: ['where'], additionalProperties: false };
const tools = [{ type: 'function', name: 'look', description: 'Looks.', strict: false, parameters }];
const post = (tpool, body, more) => tpool.request('POST', '/v1/responses', { body: { model, ...body }, ...more });
const said = async (tpool, body) => {
  const reply = await post(tpool, body);
  assert.equal(reply.status, 200, reply.text);
  return body.stream ? read_stream(reply.text) : read_whole(reply.json());
};
const told = (provider) => JSON.stringify(provider.last.body);
const is_miss = (reply, id) => {
  assert.equal(reply.status, 400, reply.text);
  const { error } = reply.json();
  assert.deepEqual([error.code, error.param, error.type], ['previous_response_not_found', 'previous_response_id', 'invalid_request_error']);
  assert.ok(error.message.includes(id), error.message);
};

for (const dialect of dialect_names) {
  for (const stream of [true, false]) {
    world(`a conversation goes on from its last answer (${dialect}, ${stream ? 'streamed' : 'whole'})`, alpha([
      answer(think('Hm.'), call('look', { where: 'x' }, { id: 'call_1' })), answer(say('A tree.')), answer(say('An oak.')), answer(say('A lake.')),
    ], { dialect }), async (tpool, { alpha }) => {
      const first = await said(tpool, { input: 'What is there?', instructions: 'Be brief.', tools, stream });
      const second = await said(tpool, { previous_response_id: first.id, tools, stream, input: [{ type: 'function_call_output', call_id: first.calls[0].call_id, output: 'bark' }] });
      assert.equal(second.text, 'A tree.');
      for (const text of ['What is there?', 'look', 'bark']) assert.ok(told(alpha).includes(text), `${text}: ${told(alpha)}`);
      for (const text of ['previous_response_id', 'Be brief.']) assert.ok(!told(alpha).includes(text), `${text}: ${told(alpha)}`);
      await said(tpool, { previous_response_id: second.id, input: 'Which kind?', stream });
      for (const text of ['What is there?', 'bark', 'A tree.', 'Which kind?']) assert.ok(told(alpha).includes(text), text);
      // Another branch from the same answer knows nothing of the first.
      await said(tpool, { previous_response_id: second.id, input: 'And beyond?', stream });
      assert.ok(told(alpha).includes('A tree.') && !told(alpha).includes('Which kind?'));
    });
  }
}

world('a miss is the documented error and nothing is sent', alpha([]), async (tpool, { alpha }) => {
  is_miss(await post(tpool, { previous_response_id: 'resp_nobody', input: 'hi' }), 'resp_nobody');
  is_miss(await post(tpool, { previous_response_id: 'resp_nobody', input: 'hi', stream: true }), 'resp_nobody');
  assert.equal(alpha.requests.length, 0);
});

world('what is not to be stored, and what failed, is not kept', alpha([answer(say('one')), { ...answer(say('half an answer that breaks off')), stop_after: 7, then: 'reset' }]), async (tpool) => {
  const first = await said(tpool, { input: 'hi', store: false });
  is_miss(await post(tpool, { previous_response_id: first.id, input: 'more' }), first.id);
  const broken = read_stream((await post(tpool, { input: 'hi', stream: true })).text);
  assert.equal(broken.end, 'failed');
  is_miss(await post(tpool, { previous_response_id: broken.id, input: 'more' }), broken.id);
  assert.equal(fs.existsSync(path.join(tpool.home, 'state/turns.db')), false);
});

world('with keep_turns = "0s" nothing is kept', { ...alpha([answer(say('one'))]), settings: 'keep_turns = "0s"' }, async (tpool) => {
  const first = await said(tpool, { input: 'hi' });
  is_miss(await post(tpool, { previous_response_id: first.id, input: 'more' }), first.id);
});

world('turns outlive the server, in a file of their owner alone', alpha([answer(say('one')), answer(say('two')), answer(say('three'))]), async (tpool, { alpha }) => {
  const first = await said(tpool, { input: 'the very first' });
  const second = await said(tpool, { input: 'the second', previous_response_id: first.id });
  await stop(tpool.server, 'SIGTERM', 10_000 * slow);
  const file = path.join(tpool.home, 'state/turns.db');
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  await tpool.serve();
  await said(tpool, { input: 'the third', previous_response_id: second.id });
  for (const text of ['the very first', 'one', 'the second', 'two', 'the third']) assert.ok(told(alpha).includes(text), text);
});

world('a file that cannot be read keeps nobody from being served', alpha(() => answer(say('one'))), async (tpool) => {
  const file = path.join(tpool.home, 'state/turns.db');
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  fs.writeFileSync(file, 'no database at all '.repeat(100));
  const first = await said(tpool, { input: 'hi' });
  await said(tpool, { input: 'more', previous_response_id: first.id });
  const reply = await post(tpool, { previous_response_id: 'resp_old', input: 'hi' });
  assert.equal(reply.status, 400, reply.text);
  assert.ok(fs.readFileSync(file, 'utf8').startsWith('no database at all'), 'the file is as it was');
});

world('another client does not find them', alpha(() => answer(say('one'))), async (tpool) => {
  const first = await said(tpool, { input: 'hi' });
  const other = 'another-client-token-0123456789abcdef0123456789abc';
  fs.appendFileSync(tpool.store_file, `\n[[client]]\nid = "other"\ntoken_sha256 = "${createHash('sha256').update(other).digest('hex')}"\n`);
  await tpool.reload();
  is_miss(await post(tpool, { previous_response_id: first.id, input: 'more' }, { token: other }), first.id);
  assert.equal((await post(tpool, { previous_response_id: first.id, input: 'more' })).status, 200);
});
