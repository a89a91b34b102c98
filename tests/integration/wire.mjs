// How a turn travels from the fake provider: whole or as events, well or badly.
//
// Options of a turn:
//   status, headers, body     answered as they are (body: object, string or Buffer)
//   before_headers_ms, before_first_event_ms, pace_ms       delays
//   style {newline, bom, names, comments, split, content_type, done, multi_line}   odd but legal streams
//   stop_after: n, then: 'cut' | 'reset' | 'end' | 'silence' | {event} | {drip}   a stream that goes wrong after n events
//   raw: [...]                strings and Buffers written to the socket, numbers waited for (ms), functions
//                             called with the socket, then one of 'cut', 'reset', 'silence'

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Waits that long, or until the peer is gone, which is false: a timer left behind would keep a whole file of
// tests from ending.
export const pause = (ms, response) => new Promise((resolve) => {
  if (response.destroyed) return resolve(false);
  const timer = setTimeout(resolve, ms, true);
  response.once('close', () => { clearTimeout(timer); resolve(false); });
});

const gone = (socket) => new Promise((resolve) => {
  if (socket.destroyed) return resolve();
  socket.once('close', resolve);
});

// Writes with backpressure; false when the peer is gone.
const write = async (stream, bytes) => {
  if (stream.destroyed || stream.socket?.destroyed) return false;
  if (stream.write(bytes)) return true;
  await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), gone(stream.socket ?? stream)]);
  return !(stream.destroyed || stream.socket?.destroyed);
};

const break_off = async (socket, how) => {
  // What was written before a reset would be lost with it, unless it has had time to arrive.
  if (how === 'reset') await sleep(100);
  if (how === 'cut') socket.destroySoon();
  else if (how === 'reset') (socket.resetAndDestroy ?? socket.destroy).call(socket);
  else if (how === 'silence') await gone(socket);
};

export const send_raw = async (response, steps) => {
  const socket = response.socket;
  socket.on('error', () => {});
  for (const step of steps) {
    if (socket.destroyed) return;
    if (typeof step === 'number') await sleep(step);
    else if (typeof step === 'function') await step(socket);
    else if (['cut', 'reset', 'silence'].includes(step)) return break_off(socket, step);
    else await write(socket, step);
  }
};

export const frame = ({ event, data }, style = {}) => {
  const newline = style.newline ?? '\n';
  const lines = style.multi_line ? data.replace(/,"/, ',\n"').split('\n') : [data];
  return [
    ...(style.comments ? [': a comment'] : []),
    ...(event && style.names !== false ? [`event: ${event}`] : []),
    ...lines.map((line) => `data: ${line}`),
    '', '',
  ].join(newline);
};

export const send_whole = async (response, turn, body) => {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  response.writeHead(turn.status ?? 200, {
    'content-type': 'application/json', 'content-length': bytes.length, ...turn.headers });
  response.end(bytes);
};

export const send_events = async (response, turn, events) => {
  const style = turn.style ?? {};
  const list = style.done === false ? events.filter((e) => e.data !== '[DONE]') : events;
  response.writeHead(200, { 'content-type': style.content_type ?? 'text/event-stream', ...turn.headers });
  response.flushHeaders();
  if (turn.before_first_event_ms && !(await pause(turn.before_first_event_ms, response))) return;
  if (style.bom) await write(response, '\ufeff');
  const stop_after = turn.stop_after ?? Infinity;
  for (const [i, event] of list.entries()) {
    if (i >= stop_after) break;
    if (i > 0 && turn.pace_ms) await sleep(turn.pace_ms);
    if (!(await write_split(response, Buffer.from(frame(event, style)), style.split))) return;
  }
  if (turn.then?.event) await write(response, frame(turn.then.event, style));
  if (turn.then?.drip) while (await write(response, turn.then.drip)) await sleep(200);
  if (['cut', 'reset', 'silence'].includes(turn.then)) return break_off(response.socket, turn.then);
  response.end();
};

const write_split = async (response, bytes, size = bytes.length) => {
  for (let i = 0; i < bytes.length; i += size) {
    if (!(await write(response, bytes.subarray(i, i + size)))) return false;
    if (size < bytes.length) await new Promise(setImmediate);
  }
  return true;
};
