// Where a request may run: rules, aliases, failover and effort in a name, through a real serve.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { answer, fail, say } from './turn.mjs';
import { is_final_error, read_stream } from './responses_client.mjs';
import { slow } from './tpool.mjs';
import { sleep } from './wire.mjs';
import { ask, world } from './world.mjs';

const from = (name) => () => answer(say(`from ${name}`));
const two = (more = {}) => ({
  alpha: { turns: from('alpha'), models: ['shared', 'own'], dialect: 'chat', ...more.alpha },
  beta: { turns: from('beta'), models: ['shared', 'vendor/shared-1'], dialect: 'responses', toml: 'tags = ["wide"]', ...more.beta },
});
const shared = '\n[[model]]\nid = "shared"\ndeveloper = "acme"\n';
const rule = (id, more, of = 'model = "shared"') => `\n[[rule]]\nid = "${id}"\n${of}\n${more}\n`;
const post = (tpool, model, more) => tpool.request('POST', '/v1/responses', { body: ask('hi', { model, ...more }), limit_ms: 30_000 });
const text_of = (reply) => {
  assert.equal(reply.status, 200, reply.text);
  const said = read_stream(reply.text);
  assert.equal(said.end, 'completed', reply.text);
  return said.text;
};
const record_of = async (tpool, reply) => (await tpool.records()).find((r) => r.id === reply.headers['x-tpool-request-id']);

world('a model without rules runs wherever it is listed, relay first', { providers: two(), settings: shared }, async (tpool, { alpha }) => {
  const reply = await post(tpool, 'shared');
  assert.equal(text_of(reply), 'from beta');
  assert.equal(reply.headers['x-tpool-route'], 'beta/key-1/shared; relay');
  assert.equal(alpha.requests.length, 0);
  const record = await record_of(tpool, reply);
  assert.equal(record.plan.resolved_by, 'model');
  assert.deepEqual(record.plan.steps.map((s) => s.provider), ['beta', 'alpha']);
});

world('a model goes on at the next provider when the first one fails', { providers: two({ beta: { turns: () => fail(503) } }), settings: shared },
  async (tpool, { alpha, beta }) => {
    const reply = await post(tpool, 'shared');
    assert.equal(text_of(reply), 'from alpha');
    assert.equal(reply.headers['x-tpool-route'], 'alpha/key-1/shared; translate');
    assert.equal(reply.headers['x-tpool-attempts'], '2');
    assert.equal(beta.requests.length, 1);
    assert.equal(alpha.requests.length, 1);
    const record = await record_of(tpool, reply);
    assert.equal(record.served.provider, 'alpha');
    assert.deepEqual(record.attempts.map((a) => a.provider), ['beta', 'alpha']);
  });

world('a rule moves a request to another provider, and a condition chooses which', {
  providers: two(),
  settings: shared + rule('home', 'provider = "alpha"\npriority = 20') + rule('long', 'provider = "beta"\nmatch = "vendor/*"\npriority = 10\nwhen = "prompt_tokens > 1000 and stream"'),
}, async (tpool) => {
  const short = await post(tpool, 'shared');
  assert.equal(text_of(short), 'from alpha');
  const record = await record_of(tpool, short);
  assert.ok(record.plan.steps[0].why.includes('rule home, priority 20'), JSON.stringify(record.plan));
  assert.equal(record.plan.rejected[0].gate, 'rule');
  const long = await post(tpool, 'shared', { input: 'x'.repeat(8000) });
  assert.equal(text_of(long), 'from beta');
  assert.equal(long.headers['x-tpool-route'], 'beta/key-1/vendor/shared-1; relay');
  const whole = await post(tpool, 'shared', { input: 'x'.repeat(8000), stream: false });
  assert.equal(whole.headers['x-tpool-route'], 'alpha/key-1/shared; translate');
});

world("a developer's rule places all of its models, by tag", {
  providers: two(), settings: shared + rule('wide', 'tag = "wide"', 'developer = "acme"'),
}, async (tpool) => {
  const reply = await post(tpool, 'shared');
  assert.equal(text_of(reply), 'from beta');
  const record = await record_of(tpool, reply);
  assert.equal(record.plan.steps.length, 1);
});

world('rules that all refuse a request are told by name, and nothing is sent', {
  providers: two(), settings: shared + rule('quiet', 'provider = "alpha"\nwhen = "class = background"'),
}, async (tpool, { alpha, beta }) => {
  const reply = await post(tpool, 'shared');
  assert.equal(reply.status, 404, reply.text);
  assert.match(reply.json().error.message, /quiet \(when class = background\)/);
  assert.equal(alpha.requests.length + beta.requests.length, 0);
});

world('an alias leads to a model, and a hidden name answers without being listed', {
  providers: two(),
  settings: `[pool]\nhide = ["*/own"]\n${shared}\n[[alias]]\nname = "gpt-5.5"\ntarget = "shared"\n\n[[alias]]\nname = "codex-auto-review"\ntarget = "alpha/own"\n`,
}, async (tpool) => {
  assert.equal(text_of(await post(tpool, 'gpt-5.5')), 'from beta');
  assert.equal(text_of(await post(tpool, 'codex-auto-review')), 'from alpha');
  assert.equal(text_of(await post(tpool, 'alpha/own')), 'from alpha');
  const ids = async (query) => (await tpool.request('GET', `/v1/models${query}`)).json().data.map((m) => m.id);
  const listed = await ids('');
  assert.ok(listed.includes('gpt-5.5') && listed.includes('shared'), listed.join());
  assert.ok(!listed.includes('alpha/own') && !listed.includes('codex-auto-review'), listed.join());
  assert.deepEqual(await ids('?include=some'), listed);
  const all = await ids('?include=all');
  assert.ok(all.includes('alpha/own') && all.includes('codex-auto-review'), all.join());
});

world('a background request for a name nobody knows is told how to give it a model', { providers: two() }, async (tpool) => {
  const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi', { model: 'gpt-6.1-terra' }), headers: { 'x-openai-subagent': 'memory_consolidation' } });
  assert.equal(reply.status, 404, reply.text);
  assert.match(reply.json().error.message, /tpool model alias gpt-6\.1-terra \S+ --hidden/);
});

world('a slug stays at its provider unless failover says otherwise', { providers: two({ beta: { turns: () => fail(503) } }) },
  async (tpool, { alpha }) => {
    assert.match(is_final_error(await post(tpool, 'beta/shared')) ?? '', /beta/);
    assert.equal(alpha.requests.length, 0);
  });

for (const [name, failover, expected] of [
  ['same-model', '"same-model"', 'alpha/key-1/shared; translate'],
  ['a list of slugs', '["gone/x", "alpha/own"]', 'alpha/key-1/own; translate'],
]) {
  world(`failover to ${name} serves from elsewhere and says what was served`, {
    providers: two({ beta: { turns: () => fail(503) } }), settings: `failover = ${failover}\n`,
  }, async (tpool, { beta }) => {
    const reply = await post(tpool, 'beta/shared');
    assert.equal(text_of(reply), 'from alpha');
    assert.equal(reply.headers['x-tpool-route'], expected);
    assert.equal(reply.headers['x-tpool-attempts'], '2');
    assert.equal(beta.requests.length, 1);
    const record = await record_of(tpool, reply);
    assert.equal(record.requested, 'beta/shared');
    assert.deepEqual([record.served.provider, record.served.model], ['alpha', expected.split(/[/;]/)[2]]);
    assert.ok(record.plan.steps.at(-1).why.some((w) => /failover/.test(w)), JSON.stringify(record.plan.steps));
  });
}

world("a provider's failover goes before the settings'", {
  providers: two({ beta: { turns: () => fail(503), toml: 'failover = "keys"' } }), settings: 'failover = "same-model"\n',
}, async (tpool, { alpha }) => {
  assert.match(is_final_error(await post(tpool, 'beta/shared')) ?? '', /beta/);
  assert.equal(alpha.requests.length, 0);
});

world('an effort in the name is sent as one', {
  providers: { beta: { turns: from('beta'), models: ['thinker'], dialect: 'responses' } }, settings: 'effort_suffix = true\n',
}, async (tpool, { beta }) => {
  assert.equal(text_of(await post(tpool, 'beta/thinker-high')), 'from beta');
  assert.equal(beta.requests[0].body.model, 'thinker');
  assert.equal(beta.requests[0].body.reasoning?.effort, 'high');
  assert.equal(text_of(await post(tpool, 'beta/thinker')), 'from beta');
  assert.equal(beta.requests[1].body.reasoning?.effort, undefined);
  assert.equal((await post(tpool, 'beta/thinker-tall')).status, 404);
});

world('a rule added while serving counts for the next request, and explain tells the same plan', { providers: two(), settings: shared }, async (tpool) => {
  assert.equal(text_of(await post(tpool, 'shared')), 'from beta');
  await tpool.must(['rule', 'add', '--model', 'shared', '--provider', 'alpha', '--id', 'here']);
  const until = Date.now() + 10_000 * slow;
  let reply;
  do {
    await sleep(50);
    reply = await post(tpool, 'shared');
  } while (text_of(reply) !== 'from alpha' && Date.now() < until);
  assert.equal(text_of(reply), 'from alpha');
  const record = await record_of(tpool, reply);
  const explained = JSON.parse((await tpool.must(['route', 'explain', 'shared', '--stream', '--json'])).out);
  assert.deepEqual(explained, record.plan);
  const wrong = await tpool.cli(['route', 'explain', 'shard']);
  assert.equal(wrong.code, 3);
  assert.match(wrong.err, /did you mean/);
});

world('explain shows a key that cools down, since a running serve knows', {
  providers: { alpha: { turns: () => fail(429, {}, { 'retry-after': '3600' }), keys: ['sk-one-0123456789'] } },
}, async (tpool) => {
  await post(tpool, 'alpha/model-one');
  const explained = JSON.parse((await tpool.must(['route', 'explain', 'alpha/model-one', '--json'])).out);
  assert.deepEqual(explained.steps, []);
  assert.equal(explained.rejected[0].gate, 'cooldown');
});

const long_input = 'A sentence that a provider reads and keeps. '.repeat(400);

world('explain says where a session goes on, with what is warm and what is broken', { settings: shared,
  providers: two({ alpha: { turns: () => fail(500, { error: { message: 'down' } }) } }),
}, async (tpool) => {
  const explain = (...args) => tpool.must(['route', 'explain', 'shared', '--stream', ...args]);
  const reply = await tpool.request('POST', '/v1/responses', { body: ask(long_input, { model: 'shared', prompt_cache_key: 'thread-1' }), limit_ms: 30_000 });
  assert.equal(text_of(reply), 'from beta');
  const told = await explain('--session', 'thread-1', '--json');
  assert.equal(told.err, '');
  const plan = JSON.parse(told.out);
  assert.equal(plan.session.id, 'thread-1');
  assert.equal(plan.session.known, true);
  assert.ok(plan.session.prompt_tokens > 4000 && plan.session.age_s >= 0, told.out);
  assert.deepEqual(plan.steps.map((s) => [s.provider, s.terms.cached_tokens > 1000]), [['beta', true], ['alpha', false]]);
  assert.match((await explain('--session', 'thread-1')).out, /session thread-1: about \d+ tokens/);
  assert.match((await explain('--session', 'thread-2')).err, /no session thread-2/);
  const stranger = await explain('--session', 'thread-2', '--json');
  assert.deepEqual(JSON.parse(stranger.out).session, { id: 'thread-2', known: false, prompt_tokens: null, age_s: null });
  assert.equal(JSON.parse(stranger.out).steps[0].terms.cached_tokens, 0);
  assert.equal(JSON.parse((await explain('--json')).out).session, undefined);
  // What fails is believed to fail, and said to be degraded.
  const before = JSON.parse((await explain('--json')).out).steps.find((s) => s.provider === 'alpha');
  await post(tpool, 'alpha/shared');
  const after = JSON.parse((await explain('--json')).out).steps.find((s) => s.provider === 'alpha');
  assert.deepEqual([before.state, after.state], ['healthy', 'degraded']);
  assert.match((await tpool.must(['status'])).out, /^alpha +\S+ +degraded +its last call failed$/m);
  assert.ok(after.terms.failure_share > before.terms.failure_share, JSON.stringify(after.terms));
  const other = path.join(path.dirname(tpool.store_file), 'other.toml');
  fs.writeFileSync(other, 'version = 1\n[[provider]]\nid = "gamma"\nprotocol = "chat"\nbase_url = "http://127.0.0.1:9/v1"\nmodels = ["shared"]\n', { mode: 0o600 });
  const elsewhere = ['--config', other, 'route', 'explain', 'gamma/shared', '--session', 'thread-1'];
  assert.match((await tpool.must(elsewhere)).err, /nothing is known of sessions/);
  assert.equal(JSON.parse((await tpool.must([...elsewhere, '--json'])).out).session.known, false);
});

world('a rule for a class sees where a request comes from', { providers: two(),
  settings: `${shared}${rule('chores', 'provider = "alpha"\nwhen = "class = background or class = probe"')}${rule('rest', 'provider = "beta"\nwhen = "class = interactive or class = subagent"')}`,
}, async (tpool) => {
  const go = async (more, headers) => {
    const reply = await tpool.request('POST', '/v1/responses', { body: ask('hi', { model: 'shared', ...more }), headers, limit_ms: 30_000 });
    const record = await record_of(tpool, reply);
    return [text_of(reply), record.class, record.plan.priority];
  };
  const title = { type: 'json_schema', name: 'codex_output_schema', strict: true, schema: {
    type: 'object', properties: { title: { type: 'string' } }, required: ['title'], additionalProperties: false } };
  const metadata = (more) => ({ 'x-codex-turn-metadata': JSON.stringify({ request_kind: 'turn', thread_source: 'user', ...more }) });
  assert.deepEqual(await go({}, metadata({})), ['from beta', 'interactive', 'normal']);
  assert.deepEqual(await go({ tools: [], text: { format: title } }, metadata({ thread_source: 'thread_title' })), ['from alpha', 'background', 'low']);
  assert.deepEqual(await go({}, metadata({ request_kind: 'compaction' })), ['from alpha', 'background', 'low']);
  assert.deepEqual(await go({}, { ...metadata({ request_kind: 'compaction' }), 'x-tpool-priority': 'high' }), ['from alpha', 'background', 'high']);
  assert.deepEqual(await go({}, { ...metadata({}), 'x-openai-subagent': 'collab_spawn' }), ['from beta', 'subagent', 'normal']);
  const probe = await tpool.request('POST', '/v1/messages', { body: { model: 'shared', max_tokens: 1, messages: [{ role: 'user', content: 'quota' }] } });
  assert.equal(probe.status, 200, probe.text);
  assert.equal((await record_of(tpool, probe)).class, 'probe');
  assert.match(probe.headers['x-tpool-route'], /^alpha/);
});

world('route explain asks the serve of the same store, and speaks for any other store by itself', { providers: two(), settings: shared }, async (tpool) => {
  const other = path.join(path.dirname(tpool.store_file), 'other.toml');
  fs.writeFileSync(other, 'version = 1\n[[provider]]\nid = "gamma"\nprotocol = "chat"\nbase_url = "http://127.0.0.1:9/v1"\nmodels = ["shared"]\n[[model]]\nid = "shared"\n', { mode: 0o600 });
  const here = await tpool.must(['route', 'explain', 'shared']);
  assert.match(here.out, /beta/);
  assert.equal(here.err, '');
  const there = await tpool.must(['--config', other, 'route', 'explain', 'shared']);
  assert.match(there.out, /gamma/);
  assert.doesNotMatch(there.out, /beta/);
  assert.match(there.err, /another store/);
  const json = await tpool.must(['--config', other, 'route', 'explain', 'shared', '--json']);
  assert.deepEqual(JSON.parse(json.out).steps.map((s) => s.provider), ['gamma']);
  // The same file by another name is the same store.
  const link = path.join(path.dirname(tpool.store_file), 'link.toml');
  fs.symlinkSync(tpool.store_file, link);
  const linked = await tpool.must(['--config', link, 'route', 'explain', 'shared']);
  assert.match(linked.out, /beta/);
  assert.equal(linked.err, '');
});
