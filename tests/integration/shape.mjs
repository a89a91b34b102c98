// Small combinators that check a JSON value and collect what is wrong, with the path of each fault.
// A type is a function (value, path, errors). Objects are closed: a member nobody named is a fault.

const is_object = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

export const any = () => {};

const simple = (name, holds) => (value, path, errors) => {
  if (!holds(value)) errors.push(`${path}: expected ${name}`);
};

export const string = simple('a string', (v) => typeof v === 'string');
export const text = simple('a string that is not empty', (v) => typeof v === 'string' && v !== '');
export const boolean = simple('a boolean', (v) => typeof v === 'boolean');
export const number = simple('a number', (v) => typeof v === 'number');
export const record = simple('an object', is_object);
export const nothing = simple('null', (v) => v === null);

export const integer = (low = -Infinity, high = Infinity) =>
  simple(`an integer in ${low}..${high}`, (v) => Number.isInteger(v) && v >= low && v <= high);
export const one_of = (...values) => simple(`one of ${values.join(', ')}`, (v) => values.includes(v));
export const matching = (pattern) =>
  simple(`a string like ${pattern}`, (v) => typeof v === 'string' && pattern.test(v));
export const up_to = (length) =>
  simple(`a string of 1..${length} characters`, (v) => typeof v === 'string' && v !== '' && v.length <= length);

export const nullable = (type) => (value, path, errors) => {
  if (value !== null) type(value, path, errors);
};

// Holds when one of the types does; otherwise reports the faults of the last one.
export const either = (...types) => (value, path, errors) => {
  let faults = [];
  for (const type of types) {
    faults = [];
    type(value, path, faults);
    if (faults.length === 0) return;
  }
  errors.push(...faults);
};

export const array = (type, { min = 0 } = {}) => (value, path, errors) => {
  if (!Array.isArray(value)) return void errors.push(`${path}: expected an array`);
  if (value.length < min) errors.push(`${path}: expected at least ${min} element(s)`);
  value.forEach((element, i) => type(element, `${path}[${i}]`, errors));
};

export const object = (required, optional = {}) => (value, path, errors) => {
  if (!is_object(value)) return void errors.push(`${path}: expected an object`);
  for (const name of Object.keys(required))
    if (!Object.hasOwn(value, name)) errors.push(`${path}.${name}: missing`);
  for (const [name, member] of Object.entries(value)) {
    const type = required[name] ?? optional[name];
    if (type) type(member, `${path}.${name}`, errors);
    else errors.push(`${path}.${name}: unknown parameter`);
  }
};

// One object type per value of a member, which each of them must allow.
export const tagged = (tag, types, fallback) => (value, path, errors) => {
  if (!is_object(value)) return void errors.push(`${path}: expected an object`);
  const type = types[value[tag] ?? fallback];
  if (type) type(value, path, errors);
  else errors.push(`${path}.${tag}: unknown value ${JSON.stringify(value[tag])}`);
};

export const faults_of = (type, value, path = 'body') => {
  const errors = [];
  type(value, path, errors);
  return errors;
};

// JSON text -> {value} or {fault}. Refuses bytes that are not UTF-8, repeated members at the top
// level and escapes of half a surrogate pair, which real providers refuse too.
export const parse_strictly = (bytes) => {
  let source;
  try {
    source = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { fault: 'body: not UTF-8' };
  }
  let value;
  try {
    value = JSON.parse(source);
  } catch (error) {
    return { fault: `body: not JSON: ${error.message}` };
  }
  const half = find_half_surrogate(value, 'body');
  return half ? { fault: half } : { value };
};

const find_half_surrogate = (value, path) => {
  if (typeof value === 'string') return /\p{Surrogate}/u.test(value) ? `${path}: half a surrogate pair` : null;
  if (value === null || typeof value !== 'object') return null;
  for (const [name, member] of Object.entries(value)) {
    const found = find_half_surrogate(member, `${path}.${name}`);
    if (found) return found;
  }
  return null;
};
