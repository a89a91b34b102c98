// A strict provider of the Gemini API (v1beta): what it accepts, and how it says a turn.
//
// Thought signatures are minted here and must come back on the very part they came on. A provider with
// `signatures: 'required'` wants one on the first call of every step since the user's last words.

import * as shape from './shape.mjs';
import { fresh_id, pieces, resolve_call, usage_of } from './turn.mjs';

const { any, array, boolean, either, integer, matching, number, object, one_of, record, string, text } = shape;

export const base = '/v1beta';
export const refused_key_status = 400;
export const key_of = (headers) => (headers.authorization ? '' : headers['x-goog-api-key'] ?? '');

// What a path asks for: {model, stream}, or null when there is nothing.
export const address = ({ path, query }) => {
  const found = /^\/v1beta\/models\/([^/:]+):(generateContent|streamGenerateContent)$/.exec(path);
  if (!found) return null;
  const stream = found[2] === 'streamGenerateContent';
  return query === (stream ? '?alt=sse' : '') ? { model: decodeURIComponent(found[1]), stream } : null;
};

export const list = (models) => ({ models: models.map((id) => ({ name: `models/${id}`, displayName: id,
  inputTokenLimit: 1048576, outputTokenLimit: 65536, supportedGenerationMethods: ['generateContent', 'countTokens'] })) });

const placeholder = 'skip_thought_signature_validator';
const tool_name = matching(/^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/);
const base64 = matching(/^[A-Za-z0-9+/]+=*$/);
const count = integer(0);

// The subset of OpenAPI a Schema message has fields for.
const schema_of = (depth) => (value, path, errors) => {
  if (depth > 40) return void errors.push(`${path}: nested too deeply`);
  const inner = schema_of(depth + 1);
  const members = (properties, at, faults) => {
    record(properties, at, faults);
    for (const [name, one] of Object.entries(properties ?? {})) inner(one, `${at}.${name}`, faults);
  };
  object({}, { type: one_of('STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT'), format: text, title: string, description: string,
    nullable: boolean, enum: array(text, { min: 1 }), items: inner, properties: members, required: array(text), anyOf: array(inner, { min: 1 }),
    propertyOrdering: array(text), minItems: count, maxItems: count, minLength: count, maxLength: count, minProperties: count, maxProperties: count,
    pattern: string, minimum: number, maximum: number })(value, path, errors);
  if (errors.length > 0) return;
  const alone = Object.keys(value);
  if (value.anyOf && alone.length > 1) errors.push(`${path}: anyOf must be the only field, not beside ${alone.join(', ')}`);
  if (!value.anyOf && !value.type) errors.push(`${path}.type: missing`);
  const only = (type, ...names) => {
    for (const name of names) if (value[name] !== undefined && ![type].flat().includes(value.type)) errors.push(`${path}.${name}: only allowed for ${type}`);
  };
  only('OBJECT', 'properties', 'required', 'propertyOrdering', 'minProperties', 'maxProperties');
  only('ARRAY', 'items', 'minItems', 'maxItems');
  only('STRING', 'enum', 'pattern', 'minLength', 'maxLength');
  only(['NUMBER', 'INTEGER'], 'minimum', 'maximum');
  if (value.type === 'ARRAY' && !value.items) errors.push(`${path}.items: missing field`);
  const formats = { STRING: ['enum', 'date-time'], INTEGER: ['int32', 'int64'], NUMBER: ['float', 'double'] }[value.type] ?? [];
  if (value.format && !formats.includes(value.format)) errors.push(`${path}.format: only ${formats.join(', ')} for ${value.type}`);
  for (const name of [...(value.required ?? []), ...(value.propertyOrdering ?? [])])
    if (!Object.hasOwn(value.properties ?? {}, name)) errors.push(`${path}.required: property ${name} is not defined`);
};
const schema = schema_of(0);
const parameters = (value, path, errors) => {
  schema(value, path, errors);
  if (value?.type !== 'OBJECT') errors.push(`${path}: must have type OBJECT`);
  if (Object.keys(value?.properties ?? {}).length === 0) errors.push(`${path}.properties: should be non-empty for OBJECT type`);
};

const blob = object({ mimeType: matching(/^(image\/(png|jpeg|webp|gif|heic)|application\/pdf|audio\/(wav|mp3)|text\/plain)$/), data: base64 });
const kinds = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse'];
const part = (value, path, errors) => {
  object({}, { text: string, thought: boolean, thoughtSignature: text, inlineData: blob,
    fileData: object({ fileUri: matching(/^https?:\/\/\S+$/) }, { mimeType: text }),
    functionCall: object({ name: tool_name, args: record }, { id: text }),
    functionResponse: object({ name: tool_name, response: record }, { id: text, parts: array(object({ inlineData: blob })) }) })(value, path, errors);
  const held = kinds.filter((kind) => value?.[kind] !== undefined);
  if (held.length !== 1) errors.push(`${path}: exactly one kind of data, not ${held.join(', ') || 'none'}`);
  if (value?.text === '' && !value.thoughtSignature) errors.push(`${path}.text: empty`);
};
const content = object({ role: one_of('user', 'model'), parts: array(part, { min: 1 }) });

const config = object({}, { maxOutputTokens: integer(1), temperature: number, topP: number, topK: integer(1), seed: integer(),
  presencePenalty: number, frequencyPenalty: number, stopSequences: array(text, { min: 1 }), candidateCount: integer(1, 1),
  responseMimeType: one_of('application/json', 'text/plain'), responseSchema: schema, responseJsonSchema: record,
  thinkingConfig: object({}, { includeThoughts: boolean, thinkingBudget: integer(-1, 32768), thinkingLevel: one_of('minimal', 'low', 'medium', 'high') }) });

const declaration = object({ name: tool_name }, { description: text, parameters, parametersJsonSchema: record });

const request = object({ contents: array(content, { min: 1 }) }, {
  systemInstruction: object({ parts: array(object({ text }), { min: 1 }) }, { role: any }),
  tools: array(object({ functionDeclarations: array(declaration, { min: 1 }) }), { min: 1 }),
  toolConfig: object({ functionCallingConfig: object({ mode: one_of('AUTO', 'ANY', 'NONE') }, { allowedFunctionNames: array(tool_name, { min: 1 }) }) }),
  generationConfig: config });

const calls_in = ({ parts }) => parts.filter((p) => p.functionCall).map((p) => p.functionCall);

// Every reply with calls is answered by the very next content: as many, in their order, and nothing else.
const pairing_faults = (contents) => {
  const faults = [];
  if (contents[0].role !== 'user') faults.push('body.contents[0]: a conversation begins with its user');
  contents.forEach((one, i) => {
    const calls = one.role === 'model' ? calls_in(one) : [];
    const ids = calls.map((c) => c.id).filter(Boolean);
    if (new Set(ids).size !== ids.length) faults.push(`body.contents[${i}]: the same call id twice`);
    for (const p of one.parts) {
      if (p.functionCall && one.role !== 'model') faults.push(`body.contents[${i}]: a user does not call`);
      if (p.functionResponse && one.role !== 'user') faults.push(`body.contents[${i}]: a model does not answer calls`);
    }
    const answers = one.parts.filter((p) => p.functionResponse);
    if (answers.length > 0 && answers.length < one.parts.length) faults.push(`body.contents[${i}]: function responses and something else`);
    if (answers.length > 0 && (i === 0 || calls_in(contents[i - 1]).length === 0))
      faults.push(`body.contents[${i}]: a function response turn must come after a function call turn`);
    if (calls.length === 0) return;
    const next = (contents[i + 1]?.parts ?? []).filter((p) => p.functionResponse).map((p) => p.functionResponse);
    const said = JSON.stringify(calls.map((c) => [c.id, c.name]));
    const got = JSON.stringify(next.map((r) => [r.id, r.name]));
    if (said !== got) faults.push(`body.contents[${i + 1}]: answers ${got}, but the calls were ${said}`);
    const before = contents[i - 1];
    if (before?.role === 'model') faults.push(`body.contents[${i}]: a function call turn comes after a user's or a function response turn`);
  });
  return faults;
};

// A part without what may differ between its first saying and its replay.
const bare = (p) => JSON.stringify(p.functionCall ? { name: p.functionCall.name, args: p.functionCall.args } : p.text);

const signature_faults = (contents, provider) => {
  const faults = [];
  const last_user = contents.findLastIndex((c) => c.role === 'user' && !c.parts.some((p) => p.functionResponse));
  contents.forEach((one, i) => {
    one.parts.forEach((p, n) => {
      const at = `body.contents[${i}].parts[${n}].thoughtSignature`;
      if (p.thoughtSignature === undefined || p.thoughtSignature === placeholder) return;
      const signed = provider.signed?.get(p.thoughtSignature);
      if (signed === undefined) faults.push(`${at}: Corrupted thought signature ${p.thoughtSignature}`);
      else if (signed !== bare(p)) faults.push(`${at}: it belongs to ${signed}, not to ${bare(p)}`);
    });
    const first = one.parts.find((p) => p.functionCall);
    if (provider.signatures === 'required' && i > last_user && first && !first.thoughtSignature)
      faults.push(`body.contents[${i}]: Function call ${first.functionCall.name} is missing a thought_signature`);
  });
  return faults;
};

// Every fault of a request body.
export const faults = (body, provider) => {
  const found = shape.faults_of(request, body);
  if (found.length > 0) return found;
  found.push(...pairing_faults(body.contents), ...signature_faults(body.contents, provider));
  const declared = (body.tools ?? []).flatMap((t) => t.functionDeclarations);
  const names = declared.map((t) => t.name);
  for (const name of names.filter((n, i) => names.indexOf(n) !== i)) found.push(`body.tools: ${name} is there twice`);
  for (const t of declared) if (t.parameters && t.parametersJsonSchema) found.push(`body.tools: ${t.name} has two schemas`);
  const choice = body.toolConfig?.functionCallingConfig;
  if (choice && !body.tools) found.push('body.toolConfig: only allowed with tools');
  if (choice?.allowedFunctionNames && choice.mode !== 'ANY') found.push('body.toolConfig: allowedFunctionNames needs mode ANY');
  for (const name of choice?.allowedFunctionNames ?? []) if (!names.includes(name)) found.push(`body.toolConfig: ${name} is not declared`);
  const { responseMimeType, responseSchema, responseJsonSchema, stopSequences, thinkingConfig } = body.generationConfig ?? {};
  if ((responseSchema || responseJsonSchema) && responseMimeType !== 'application/json') found.push('body.generationConfig: a schema needs responseMimeType application/json');
  if (responseSchema && responseJsonSchema) found.push('body.generationConfig: two schemas');
  if (stopSequences?.length > 5) found.push('body.generationConfig.stopSequences: at most 5');
  if (thinkingConfig?.thinkingBudget !== undefined && thinkingConfig.thinkingLevel) found.push('body.generationConfig.thinkingConfig: a budget and a level');
  if (Object.keys(body.generationConfig ?? { a: 1 }).length === 0) found.push('body.generationConfig: empty');
  return found;
};

const offered = (body) => (body.tools ?? []).flatMap((t) => t.functionDeclarations)
  .map((t) => ({ name: t.name, parameters: t.parameters ?? t.parametersJsonSchema, kind: 'function' }));

const call_part = (step, body) => {
  const found = resolve_call(step, offered(body));
  if (!found) throw new Error(`the request offers no tool ${(step.call ?? step.custom).name}`);
  const id = (step.call ?? step.custom).id;
  return { functionCall: { ...(id === null ? {} : { id: id ?? fresh_id('fc') }), name: found.name, args: JSON.parse(found.payload || '{}') } };
};

const sign = (provider, p) => {
  const signature = Buffer.from(`signed by ${provider.name} ${fresh_id('s')}`).toString('base64');
  (provider.signed ??= new Map()).set(signature, bare(p));
  return { ...p, thoughtSignature: signature };
};

// The parts of a turn: thoughts when they were asked for, a signature on the first call.
const parts_of = (turn, body, provider, size) => {
  const thoughts = body.generationConfig?.thinkingConfig?.includeThoughts;
  const cut = (words) => (size ? pieces(words, size) : [words]);
  const parts = [];
  let signed = turn.signed === false;
  for (const step of turn.steps) {
    if (step.reasoning && thoughts) for (const words of cut(step.reasoning)) parts.push({ text: words, thought: true });
    if (step.text) for (const words of cut(step.text)) parts.push({ text: words });
    if (!step.call && !step.custom) continue;
    const made = call_part(step, body);
    parts.push(signed ? made : sign(provider, made));
    signed = true;
  }
  if (!signed && turn.sign_text) parts.push(sign(provider, { text: '' }));
  return parts;
};

export const usage = (turn) => {
  const u = usage_of(turn);
  return { promptTokenCount: u.input, candidatesTokenCount: u.output - u.reasoning, totalTokenCount: u.input + u.output,
    ...(u.cached ? { cachedContentTokenCount: u.cached } : {}), ...(u.reasoning ? { thoughtsTokenCount: u.reasoning } : {}),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: u.input }] };
};

const finish_reason = ({ finish = 'stop' }) => ({ stop: 'STOP', length: 'MAX_TOKENS', content_filter: 'SAFETY' })[finish] ?? finish;

const candidate = (parts, finish) => ({ content: { ...(parts.length > 0 ? { parts } : {}), role: 'model' }, ...(finish ? { finishReason: finish } : {}), index: 0 });

const envelope = (turn, provider) => ({ modelVersion: provider.models[0], responseId: turn.id ?? fresh_id('resp') });

export const whole = (turn, body, provider) => ({ candidates: [candidate(parts_of(turn, body, provider), finish_reason(turn))],
  usageMetadata: usage(turn), ...envelope(turn, provider) });

// The chunks of a streamed answer, as {data}; calls come whole and together, the last chunk says why it ends.
export const events = (turn, body, provider) => {
  const end = envelope(turn, provider);
  const parts = parts_of(turn, body, provider, turn.piece ?? 5);
  const words = parts.filter((p) => !p.functionCall);
  const calls = parts.filter((p) => p.functionCall);
  const groups = [...words.map((p) => [p]), ...(calls.length > 0 ? [calls] : [])];
  return [...groups.map((group) => ({ candidates: [candidate(group)], usageMetadata: usage(turn), ...end })),
    { candidates: [candidate([{ text: '' }], finish_reason(turn))], usageMetadata: usage(turn), ...end },
  ].map((data) => ({ data: JSON.stringify(data) }));
};

export const error_body = (message, code) => ({ error: { code: 400, message, status: 'INVALID_ARGUMENT',
  ...(code === 'invalid_api_key' ? { details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' }] } : {}) } });
