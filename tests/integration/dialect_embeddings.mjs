// The embeddings endpoint of OpenAI's kind of provider: what it accepts, and what it answers.
// The numbers are made from the text, so that a test can tell whose answer it got.

import * as shape from './shape.mjs';

const { array, either, integer, object, one_of, text } = shape;

export const path = '/embeddings';

const tokens = array(integer(0), { min: 1 });
const request = object({ model: text, input: either(text, array(text, { min: 1 }), array(tokens, { min: 1 }), tokens) },
  { encoding_format: one_of('float', 'base64'), dimensions: integer(1), user: text });

export const faults = (body) => shape.faults_of(request, body);

const numbers = (input, count) => Array.from({ length: count }, (_, i) => Math.fround((String(input).length + i) / 64));

export const whole = (turn, body) => {
  const inputs = Array.isArray(body.input) && !Number.isInteger(body.input[0]) ? body.input : [body.input];
  const data = inputs.map((input, index) => {
    const embedding = numbers(input, body.dimensions ?? 4);
    return { object: 'embedding', index, embedding: body.encoding_format === 'base64'
      ? Buffer.from(Float32Array.from(embedding).buffer).toString('base64') : embedding };
  });
  const count = turn.usage?.input ?? 7;
  return { object: 'list', data, model: body.model, usage: { prompt_tokens: count, total_tokens: count } };
};
