// Providers that misbehave, and what the client must see of it: every misdeed for each client protocol, streamed
// and whole, relayed and translated. misdeeds.mjs has the rows; here stands what each protocol makes of them.
//
// One server for each pair of protocols. A cell of the table has providers of its own in the store, all at one
// fake, which knows the cell by its keys; so cells run side by side and know nothing of each other.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { clients } from './clients.mjs';
import * as misdeeds from './misdeeds.mjs';
import { parse_sse } from './responses_client.mjs';
import { provider_toml, quarantine_kib, slow } from './tpool.mjs';
import { answer, say } from './turn.mjs';
import { sleep } from './wire.mjs';
import { world } from './world.mjs';

const lanes = { responses: ['responses', 'chat'], chat: ['chat', 'messages'], messages: ['messages', 'responses', 'gemini'] };

// Before anything was said: the status, and the error's own word for it (`code`, in Messages its `type`).
const told = {
  unreachable: { responses: [400, 'invalid_prompt'], chat: [502, 'provider_unreachable'], messages: [502, 'api_error'] },
  gateway: { responses: [400, 'invalid_prompt'], chat: [502, 'bad_gateway'], messages: [502, 'api_error'] },
  silent: { responses: [400, 'invalid_prompt'], chat: [504, 'timeout'], messages: [504, 'timeout_error'] },
  overloaded: { responses: [400, 'invalid_prompt'], chat: [503, 'overloaded'], messages: [529, 'overloaded_error'] },
  resting: { responses: [400, 'invalid_prompt'], chat: [503, 'overloaded'], messages: [529, 'overloaded_error'], wait: 600 },
  limited: { responses: [400, 'invalid_prompt'], chat: [429, 'rate_limit_exceeded'], messages: [429, 'rate_limit_error'], wait: 3600 },
  limited_in_part: { responses: [400, 'invalid_prompt'], chat: [429, 'rate_limit_exceeded'], messages: [429, 'rate_limit_error'], wait: 300 },
  limited_somehow: { responses: [429, 'rate_limit_exceeded'], chat: [429, 'rate_limit_exceeded'], messages: [429, 'rate_limit_error'], wait: 15 },
  quota: { responses: [400, 'invalid_prompt'], chat: [429, 'insufficient_quota'], messages: [402, 'billing_error'] },
  auth: { responses: [400, 'invalid_prompt'], chat: [403, 'provider_auth'], messages: [403, 'permission_error'] },
  not_found: { responses: [404, 'model_not_found'], chat: [404, 'model_not_found'], messages: [404, 'not_found_error'] },
  invalid: { responses: [400, 'invalid_prompt'], chat: [400], messages: [400, 'invalid_request_error'] },
  too_large: { responses: [400, 'invalid_prompt'], chat: [413, 'request_too_large'], messages: [413, 'request_too_large'] },
  unprocessable: { responses: [400, 'invalid_prompt'], chat: [422], messages: [422, 'invalid_request_error'] },
  too_long: { responses: [400, 'context_length_exceeded'], chat: [400, 'context_length_exceeded'], messages: [400, 'invalid_request_error'] },
};
told.cut = told.gateway;
// After words of an answer, inside the stream.
const said_inside = {
  cut: { responses: 'server_error', chat: 'bad_gateway', messages: 'api_error' },
  silent: { responses: 'server_error', chat: 'timeout', messages: 'timeout_error' },
  broken: { responses: 'server_error', chat: /^(overloaded|server_error)$/, messages: /^(overloaded_error|api_error)$/ },
  limited: { responses: 'rate_limit_exceeded', chat: 'rate_limit_exceeded', messages: 'rate_limit_error' },
};
const word_of = { responses: (error) => error.code, chat: (error) => error.code, messages: (error) => error.type };

// An error as every SDK of the protocol reads it.
const error_of = (client, reply) => {
  assert.match(reply.headers['content-type'], /^application\/json/);
  const body = reply.json();
  if (client === 'messages') assert.equal(body.type, 'error');
  else for (const name of ['type', 'code', 'param']) assert.ok(name in body.error, `${name}: ${reply.text}`);
  assert.equal(typeof body.error.type, 'string');
  assert.ok(body.error.message.length > 10, reply.text);
  return body.error;
};

// Codex waits exactly as long as a Retry-After says, even an hour: a long one is told it in words.
const is_told_when = (client, reply, wait, message) => {
  const hint = Number(reply.headers['retry-after']);
  if (client !== 'responses' || wait <= 120)
    return assert.ok(hint >= Math.max(1, wait - 60) && hint <= wait, `retry-after ${reply.headers['retry-after']}`);
  assert.equal(reply.headers['retry-after'], undefined);
  assert.match(message, /again in (60 min|10 min|[235]\d\d s)/, 'the time to come back is named');
};

const is_told = (client, reply, as) => {
  const { wait, [client]: [status, word] } = told[as];
  assert.equal(reply.status, status, reply.text);
  const error = error_of(client, reply);
  if (word) assert.equal(word_of[client](error), word, reply.text);
  if (wait) is_told_when(client, reply, wait, error.message);
  else if (status !== 429) assert.equal(reply.headers['retry-after'], undefined);
  if (as === 'too_long' && client === 'messages') assert.match(error.message, /prompt is too long/);
  return error;
};

const opening = { responses: /^\{"type":"response\.created"/, chat: /"role":"assistant"/, messages: /^\{"type":"message_start"/ };
const is_whole_answer = (client, reply, stream, text) => {
  assert.equal(reply.status, 200, reply.text);
  const got = clients[client].read(reply, stream);
  assert.equal(got.error, null, reply.text);
  assert.deepEqual([got.text, got.finish], [text, 'stop']);
  if (stream) assert.match(parse_sse(reply.text)[0].data, opening[client], 'the answer is begun');
};

// Bytes of a relayed stream keep their line ends, which the strict readers do not have to know.
const with_plain_lines = (reply) => ({ ...reply, text: reply.text.replaceAll('\r\n', '\n').replaceAll('\r', '\n') });

const other = 'from the other one';

// One cell: its providers and keys, what they answer, and what came to them.
class Cell {
  constructor(id, { client, dialect, stream, row, lonely }) {
    const heard = new Promise((resolve) => { this.hear = resolve; });
    Object.assign(this, { id, client, stream, row, d: misdeeds.speech(dialect, stream, heard) });
    this.keys = [`sk-${id}-first-0123456789`, `sk-${id}-other-0123456789`];
    this.posts = [0, 0];
    this.requests = [];
    this.turns = [row.turn, lonely ? row.turn : () => answer(say(other))];
    this.lonely = lonely;
  }

  turn(request) {
    const which = this.keys.indexOf(request.key);
    this.posts[which] += 1;
    this.requests.push(request);
    return this.turns[which](this.d, request);
  }

  // One provider with two keys, or two providers.
  tables(fake) {
    const { row, keys, stream } = this;
    const patience = row.first_byte || row.idle
      ? `timeouts = ${stream ? `{ ${row.first_byte ? 'first_byte' : 'idle'} = "1s" }` : '{ total = "1s" }'}\n` : '';
    const table = (id, its_keys, of, more) => provider_toml({ name: id, dialect_name: fake.dialect_name, keys: its_keys, models: ['model-one'],
      namespaces: true, base_url: of?.base_url ?? fake.base_url }, { extra: more });
    if (!row.elsewhere) return table(this.id, keys, row, patience);
    return table(this.id, [keys[0]], row, `${patience}failover = ["${this.id}-other/model-one"]\n`) +
      table(`${this.id}-other`, [keys[1]], this.lonely ? row : null, this.lonely ? patience : '');
  }

  async ask(tpool) {
    const { path, body, headers } = clients[this.client].request({ turns: [{ user: 'hi' }] }, `${this.id}/model-one`, this.stream);
    const listen = (response) => response.on('data', (bytes) => bytes.includes(misdeeds.words) && this.hear());
    const reply = await tpool.request('POST', path, { body, headers, limit_ms: 110_000, on_response: listen });
    assert.doesNotMatch(reply.text, /sk-c\d+-/, 'a key leaks');
    return reply;
  }

  // Posts beyond the attempts come only of kept connections that were closed. Of what was given up after a
  // second a busy provider may hear later.
  async posts_are_attempts(reply) {
    const attempts = Number(reply.headers['x-tpool-attempts']);
    assert.ok(attempts <= 4, `${attempts} attempts`);
    if (this.row.base_url) return;
    const seen = () => this.posts[0] + this.posts[1];
    for (const end = Date.now() + 20_000 * slow; this.row.as === 'silent' && seen() < attempts && Date.now() < end;) await sleep(20);
    const posts = seen();
    if (this.row.again) assert.ok(posts >= attempts && posts <= 2 * attempts, `${posts} posts in ${attempts} attempts`);
    else assert.equal(posts, attempts);
  }
}

// What a cell must show. Each is checked against one reply.
const checks = {
  // Another candidate serves, and a key that is to rest rests.
  async served(cell, tpool) {
    const reply = await cell.ask(tpool);
    is_whole_answer(cell.client, reply, cell.stream, other);
    assert.equal(reply.headers['x-tpool-attempts'], '2');
    assert.equal(cell.posts[1], 1);
    await cell.posts_are_attempts(reply);
    if (cell.row.as === 'silent') await cell.requests.find((r) => r.key === cell.keys[0]).gone;
    if (!cell.row.cools) return;
    const first = cell.posts[0];
    is_whole_answer(cell.client, await cell.ask(tpool), cell.stream, other);
    assert.equal(cell.posts[0], first, 'the key is left alone');
  },
  // Nobody is left: told once, in words, naming who failed.
  async told(cell, tpool) {
    const reply = await cell.ask(tpool);
    const { message } = is_told(cell.client, reply, cell.row.as);
    assert.match(message, new RegExp(`\\b${cell.id}\\b`), 'the provider is named');
    if (cell.row.as === 'unreachable') assert.match(message, /cannot (connect|resolve)|refused/);
    await cell.posts_are_attempts(reply);
  },
  // The request is at fault: the provider's words, one attempt.
  async refused(cell, tpool) {
    const reply = await cell.ask(tpool);
    const { message } = is_told(cell.client, reply, cell.row.as);
    assert.match(message, /the input has a flaw|8192 tokens/);
    assert.deepEqual(cell.posts, [1, 0]);
  },
  // The answer had begun: its words, then a failure in the client's protocol, and no other attempt.
  async broken_off(cell, tpool) {
    const reply = await cell.ask(tpool);
    assert.equal(reply.status, 200, reply.text);
    const got = clients[cell.client].read(reply, true);
    assert.equal(got.text, misdeeds.words, 'what was said is told, once');
    assert.ok(got.error?.message.length > 10, reply.text.slice(-400));
    const word = said_inside[cell.row.as][cell.client];
    if (typeof word === 'string') assert.equal(word_of[cell.client](got.error), word, reply.text.slice(-400));
    else assert.match(word_of[cell.client](got.error) ?? got.error.type, word);
    const theirs = { broken: /the model fell over/, limited: /try again in 3/ }[cell.row.as];
    assert.match(got.error.message, theirs ?? new RegExp(`\\b${cell.id}\\b`));
    assert.deepEqual(cell.posts, [1, 0], 'nothing is sent again after words');
  },
  async accepted(cell, tpool) {
    is_whole_answer(cell.client, with_plain_lines(await cell.ask(tpool)), cell.stream, misdeeds.words);
    assert.deepEqual(cell.posts, [1, 0]);
    if (cell.row.left) await cell.requests[0].gone;
  },
};

// The table: [rows, what they must show when streamed, and when whole].
const table = [
  [misdeeds.before_the_first_event, ['served', 'told'], ['served', 'told']],
  [misdeeds.before_the_first_word, ['served', 'told'], []],
  [misdeeds.before_the_whole, [], ['served', 'told']],
  [misdeeds.after_words, ['broken_off'], ['served', 'told']],
  [misdeeds.after_words_of_a_stream, ['broken_off'], []],
  [misdeeds.accepted, ['accepted'], ['accepted']],
  [misdeeds.accepted_streams, ['accepted'], []],
  [misdeeds.refused, ['refused'], ['refused']],
];

const cells_of = (client, dialect) => {
  const cells = [];
  const add = (rows, stream, wanted) => {
    for (const [name, row] of Object.entries(rows))
      for (const check of wanted)
        cells.push({ name: `${name}: ${check} (${stream ? 'streamed' : 'whole'})`, check, row,
          cell: new Cell(`c${cells.length}`, { client, dialect, stream, row, lonely: check === 'told' }) });
  };
  for (const [rows, streamed, whole] of table) {
    add(rows, true, streamed);
    add(rows, false, whole);
  }
  if (dialect === 'chat') add(misdeeds.after_words_of_chat, true, ['broken_off']);
  return cells;
};

// ASan gives back late what a growing text leaves behind, and lays a shadow over all of it.
const most_kib = (64 << 10) * (quarantine_kib ? 3 : 1);

// No stream is opened before a failure is told, however long a slow machine takes to get there.
const settings = 'strategy = "priority"\n[routing]\nheader_wait = "60s"\n';

describe('misbehaviour', { concurrency: 4 }, () => {
  for (const [client, dialects] of Object.entries(lanes))
    for (const dialect of dialects) {
      const cells = cells_of(client, dialect);
      const by_key = new Map(cells.flatMap(({ cell }) => cell.keys.map((key) => [key, cell])));
      world(`${client} at ${dialect}`, { settings, at_once: 24,
        providers: { fake: { dialect, keys: [...by_key.keys()], turns: (request) => by_key.get(request.key).turn(request) } },
        tables: ({ fake }) => cells.map(({ cell }) => cell.tables(fake)) }, async (tpool, _, t) => {
        await Promise.all(cells.filter(({ row }) => !row.big).map(({ name, check, cell }) => t.test(name, () => checks[check](cell, tpool))));
        for (const { name, check, cell } of cells.filter(({ row }) => row.big))
          await t.test(name, async () => {
            const grown = await tpool.most_growth(() => checks[check](cell, tpool));
            assert.ok(grown < most_kib, `grew by ${grown} KiB`);
          });
      });
    }
});
