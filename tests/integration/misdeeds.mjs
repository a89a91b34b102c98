// What providers do wrong, in each dialect, as turns of the fake provider.
//
// speech(dialect, stream) knows how an answer of one sentence goes over the wire: `begun` is all up to its
// first words, `rest` what follows, `whole` the object; and how errors are told, by status or in the middle. Of a
// stream that begins and goes wrong the rest waits until its words are `heard`.

import zlib from 'node:zlib';
import { dialects } from './fake_provider.mjs';
import { answer, fail, say } from './turn.mjs';
import { frame } from './wire.mjs';

export const words = 'Grüße 世界 🌍, and half of a sentence';

const head = (...fields) => ['HTTP/1.1 200 OK', ...fields, '', ''].join('\r\n');
const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const mebibyte = 'x'.repeat(1 << 20);
let made;
const bomb = () => (made ??= zlib.gzipSync(Buffer.alloc(50 << 20)));

const kinds = {
  messages: { 401: 'authentication_error', 402: 'billing_error', 403: 'permission_error', 404: 'not_found_error', 413: 'request_too_large',
    429: 'rate_limit_error', 500: 'api_error', 503: 'api_error', 529: 'overloaded_error' },
  gemini: { 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND', 429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL', 503: 'UNAVAILABLE' },
};

// The object that says an error. `code` where the dialect has one.
const error_of = (dialect, status, message, code) => {
  if (dialect === 'messages') return { type: 'error', error: { type: kinds.messages[status] ?? 'invalid_request_error', message } };
  if (dialect === 'gemini') return { error: { code: status, message, status: kinds.gemini[status] ?? 'INVALID_ARGUMENT' } };
  return { error: { message, type: status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error', param: null, code: code ?? null } };
};

const error_event = (dialect, status, message) => {
  const data = error_of(dialect, status, message, status === 429 ? 'rate_limit_exceeded' : 'server_error');
  if (dialect === 'messages') return { event: 'error', data: JSON.stringify(data) };
  if (dialect !== 'responses') return { data: JSON.stringify(data) };
  return { event: 'response.failed', data: JSON.stringify({ type: 'response.failed', response: { object: 'response', status: 'failed', output: [], error: data.error } }) };
};

export const speech = (dialect, stream, heard) => {
  const turn = { ...answer(say(words)), piece: 100 };
  const asked = [turn, { model: 'model-one' }, { mint: 'enc.', models: ['model-one'] }];
  const frames = dialects[dialect].events(...asked);
  const opening = frames.findIndex((f) => f.data.includes(words)) + 1;
  const whole = JSON.stringify(dialects[dialect].whole(...asked));
  const wire = (list) => list.map((f) => frame(f)).join('');
  const said = stream ? wire(frames.slice(0, opening)) : whole.slice(0, whole.length - 3);
  const rest = stream ? wire(frames.slice(opening)) : whole.slice(-3);
  const type = `content-type: ${stream ? 'text/event-stream' : 'application/json'}`;
  const chunked = head(type, 'transfer-encoding: chunked', 'connection: close');
  return { dialect, stream, turn, frames, opening, begun: said, rest, whole, chunked,
    error: (status, message, code) => error_of(dialect, status, message, code),
    refuses: (status, message, headers, code) => fail(status, error_of(dialect, status, message, code), headers),
    failure: (status, message) => frame(error_event(dialect, status, message)),
    // An answer that has begun, in one write, and what then comes.
    begins: (...then) => ({ raw: [chunked + chunk(said), () => stream && heard, ...then, 'cut'] }),
    pauses: (ms) => ({ raw: [chunked + chunk(said), ms, chunk(rest), '0\r\n\r\n', 'cut'] }),
    ends: (...more) => ({ raw: [chunked + chunk(said) + chunk(rest), ...more, '0\r\n\r\n', 'cut'] }) };
};

const raw = (...steps) => () => ({ raw: [...steps, 'cut'] });
const json_head = (...fields) => head('content-type: application/json', ...fields);

// Before anything of an answer: another candidate serves, and with nobody left the client is told `as`.
//   cools: the key is left alone from then on. elsewhere: it takes another provider, not another key.
//   again: a kept connection may cost one post more. idle, first_byte: limits of that provider.
//   big: told with bounded memory.
export const before_the_first_event = {
  'a rate limit that names an hour': { turn: (d) => d.refuses(429, 'slow down', { 'retry-after': '3600' }), as: 'limited', cools: true },
  'a rate limit without a time': { turn: (d) => d.refuses(429, 'slow down'), as: 'limited_somehow' },
  'rate limits of different lengths': { turn: (d, request) => d.refuses(429, 'slow down', { 'retry-after': /first/.test(request.key) ? '300' : '3600' }), as: 'limited_in_part', cools: true },
  'an exhausted quota': { turn: (d) => d.refuses(429, 'You exceeded your current quota', {}, 'insufficient_quota'), as: 'quota', cools: true },
  'payment required': { turn: (d) => d.refuses(402, 'Insufficient Balance'), as: 'quota', cools: true },
  'a wrong key': { turn: (d, request) => d.refuses(401, `Incorrect API key provided: ${request.key}`), as: 'auth', cools: true },
  'a forbidden key': { turn: (d, request) => d.refuses(403, `${request.key} has no access`), as: 'auth', cools: true },
  'a model that is not there': { turn: (d) => d.refuses(404, 'The model model-one does not exist', {}, 'model_not_found'), as: 'not_found', elsewhere: true },
  'a server error': { turn: (d) => d.refuses(500, 'internal'), as: 'overloaded' },
  'an overload': { turn: (d) => d.refuses(529, 'overloaded'), as: 'overloaded' },
  'a service that rests': { turn: (d) => d.refuses(503, 'later', { 'retry-after': '600' }), as: 'resting', cools: true },
  'a bad gateway in HTML': { turn: () => fail(502, '<html><body>Bad Gateway</body></html>', { 'content-type': 'text/html' }), as: 'overloaded' },
  'a timeout status': { turn: (d) => d.refuses(408, 'timeout'), as: 'overloaded' },
  'no content': { turn: () => fail(204, ''), as: 'gateway' },
  'nothing new': { turn: () => fail(304, ''), as: 'gateway' },
  'a redirect': { turn: () => fail(302, '', { location: 'http://127.0.0.1:1/steal' }), as: 'gateway' },
  'an empty 200': { turn: () => ({ status: 200, body: '' }), as: 'gateway' },
  'null in a 200': { turn: () => ({ status: 200, body: 'null' }), as: 'gateway' },
  'an array in a 200': { turn: () => ({ status: 200, body: '[]' }), as: 'gateway' },
  'an error in a 200': { turn: (d) => ({ status: 200, body: d.error(500, 'it is all wrong', 'server_error') }), as: 'overloaded' },
  'an HTML page in a 200': { turn: () => ({ status: 200, body: '<html>login</html>', headers: { 'content-type': 'text/html' } }), as: 'gateway' },
  'an object of another kind': { turn: () => ({ status: 200, body: { hello: 'world' } }), as: 'gateway' },
  'half an object in a 200': { turn: raw(json_head('content-length: 500'), '{"id":'), as: 'gateway' },
  'a refused connection': { base_url: 'http://127.0.0.1:1/v1', elsewhere: true, as: 'unreachable' },
  'a name that does not exist': { base_url: 'http://no-such-host.invalid/v1', elsewhere: true, as: 'unreachable' },
  'a connection that is closed at once': { turn: raw(), as: 'gateway', again: true },
  'a connection that is reset at once': { turn: () => ({ raw: ['reset'] }), as: 'gateway', again: true },
  'garbage instead of HTTP': { turn: raw('\u0000\u0001garbage, not HTTP at all\r\n\r\n'), as: 'gateway' },
  'an empty stream': { turn: raw(head('content-type: text/event-stream', 'connection: close')), as: 'gateway' },
  'a length and chunks': { turn: raw(head('content-type: text/event-stream', 'content-length: 5', 'transfer-encoding: chunked'), '0\r\n\r\n'), as: 'gateway' },
  'a bad chunk size': { turn: (d) => ({ raw: [d.chunked, 'zz\r\nabc\r\n', 'cut'] }), as: 'gateway' },
  'a chunk size of 2^64': { turn: (d) => ({ raw: [d.chunked, '10000000000000000\r\nx', 'cut'] }), as: 'gateway' },
  'a length of 2^64': { turn: raw(json_head('content-length: 18446744073709551616'), '{}'), as: 'gateway' },
  'a switch of protocols nobody asked for': { turn: raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'), as: 'gateway' },
  'one interim answer after the other': { turn: raw(...Array.from({ length: 1000 }, () => 'HTTP/1.1 100 Continue\r\n\r\n')), as: 'gateway' },
  'a coding nobody asked for': { turn: () => ({ raw: [json_head('content-encoding: gzip', 'connection: close'), bomb(), 'cut'] }), as: 'gateway', big: true },
  'endless headers': { turn: raw('HTTP/1.1 200 OK\r\n', ...Array.from({ length: 4000 }, (_, i) => `x-filler-${i}: ${'y'.repeat(8000)}\r\n`), '\r\n'), as: 'gateway', big: true },
  'silence before its head': { turn: (d) => ({ ...d.turn, before_headers_ms: 30_000 }), first_byte: '1s', elsewhere: true, as: 'silent' },
  'silence after its head': { turn: (d) => ({ raw: [d.chunked, 'silence'] }), idle: '1s', elsewhere: true, as: 'silent' },
};

export const before_the_first_word = {
  'a stream that opens with an error': { turn: (d) => ({ raw: [d.chunked + chunk(d.failure(500, 'broken')) + '0\r\n\r\n', 'cut'] }), as: 'overloaded' },
  'a stream cut before its first words': { turn: (d) => ({ raw: [d.chunked + chunk(d.frames.slice(0, d.opening - 1).map((f) => frame(f)).join('')), 100, 'reset'] }), as: 'gateway' },
  'a line without end': { turn: raw(head('content-type: text/event-stream', 'connection: close') + 'data: ', ...Array.from({ length: 160 }, () => mebibyte)), as: 'gateway', big: true },
};

export const before_the_whole = {
  'a body without end': { turn: raw(json_head('connection: close') + '{"id":"', ...Array.from({ length: 80 }, () => mebibyte)), as: 'gateway', big: true },
};

// After words of an answer: a stream ends in a failure of this kind. Asked for whole, nothing was said yet.
export const after_words = {
  'a reset': { turn: (d) => d.begins(100, (socket) => socket.resetAndDestroy()), as: 'cut' },
  'a closed connection': { turn: (d) => d.begins(), as: 'cut' },
  'a clean end of its framing': { turn: (d) => d.begins('0\r\n\r\n'), as: 'cut' },
  'a bad chunk': { turn: (d) => d.begins(100, 'zz\r\nabc\r\n'), as: 'cut' },
  'a chunk longer than it says': { turn: (d) => d.begins(100, '3\r\nabcdef\r\n'), as: 'cut' },
  'half an event': { turn: (d) => d.begins(chunk('data: {"half": \n\n'), '0\r\n\r\n'), as: 'cut' },
  'nothing but brackets': { turn: (d) => d.begins(chunk(`data: ${'['.repeat(100_000)}${']'.repeat(100_000)}\n\n`), '0\r\n\r\n'), as: 'cut' },
  'silence': { turn: (d) => d.begins('silence'), idle: '1s', elsewhere: true, as: 'silent' },
};
export const after_words_of_a_stream = {
  'an error event': { turn: (d, request) => d.begins(chunk(d.failure(503, `the model fell over for ${request.key}`)), '0\r\n\r\n'), as: 'broken' },
  'a rate limit': { turn: (d) => d.begins(chunk(d.failure(429, 'slow down, try again in 3s')), '0\r\n\r\n'), as: 'limited' },
  'a line without end': { turn: (d) => d.begins(...Array.from({ length: 80 }, () => chunk(`data: ${mebibyte}`))), as: 'cut', big: true },
};
export const after_words_of_chat = {
  '[DONE] without a finish_reason': { turn: (d) => d.begins(chunk('data: [DONE]\n\n'), '0\r\n\r\n'), as: 'cut' },
};

// Odd, and an answer all the same.
const styled = (style) => (d) => ({ ...d.turn, style });
export const accepted = {
  'a wrong content type': { turn: (d) => (d.stream ? styled({ content_type: 'application/octet-stream' })(d) : { status: 200, body: d.whole, headers: { 'content-type': 'text/plain' } }) },
  'the other form of answer': { turn: (d) => (d.stream ? { status: 200, body: d.whole } : speech(d.dialect, true).ends()) },
  'a byte order mark': { turn: (d) => (d.stream ? styled({ bom: true })(d) : { status: 200, body: `\ufeff${d.whole}` }) },
  'one byte at a time': { turn: (d) => (d.stream ? styled({ split: 1 })(d) : d.ends()) },
};
export const accepted_streams = {
  'CRLF line ends': { turn: styled({ newline: '\r\n' }) },
  'bare CR line ends': { turn: styled({ newline: '\r' }) },
  'no event names': { turn: styled({ names: false }) },
  'comments between events': { turn: styled({ comments: true }) },
  'data over several lines': { turn: styled({ multi_line: true }) },
  'three bytes at a time': { turn: styled({ split: 3 }) },
  'no [DONE]': { turn: styled({ done: false }) },
  'another end and junk behind the end': { turn: (d) => d.ends(chunk(d.failure(500, 'too late') + 'junk without an end')) },
  'no end of talking behind the end': { turn: (d) => ({ ...d.turn, then: { drip: ': and another thing\n\n' } }), left: true },
};

// The fault is the request's: told in the provider's words, sent once.
export const refused = {
  'a bad value (400)': { turn: (d) => d.refuses(400, 'the input has a flaw', {}, 'flaw'), as: 'invalid' },
  'too much (413)': { turn: (d) => d.refuses(413, 'the input has a flaw', {}, 'flaw'), as: 'too_large' },
  'a flaw (422)': { turn: (d) => d.refuses(422, 'the input has a flaw', {}, 'flaw'), as: 'unprocessable' },
  'a prompt that is too long': { turn: (d) => d.refuses(400, 'This model\'s maximum context length is 8192 tokens', {}, 'context_length_exceeded'), as: 'too_long' },
};
