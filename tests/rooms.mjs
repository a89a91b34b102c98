// The walls of the house as data, and the functions that find what crosses them.
//
// Each check takes files as [{path, text}] and returns the faults as "path:line: what". Paths are
// rooted at the repository. A new room or a new third-party library gets its line here.

// What a room of core may include besides itself and the files at the top of core.
const core_rooms = {
  json: [],
  ir: ['json'],
  config: ['json'],
  protocol: ['ir', 'json'],
  catalog: ['config', 'json', 'protocol'],
  route: ['config', 'catalog', 'ir', 'json'],
  connect: ['config', 'catalog', 'json'],
  sim: ['config', 'catalog', 'route', 'ir', 'json'],
};

// Where a third-party header may be included, by the start of its path.
const doors = [
  { header: /^boost\/(asio|beast)/, room: /^src\/proxy\/net\// },
  { header: /^openssl\//, room: /^src\/(proxy\/net\/|core\/digest\.)/ },
  { header: /^toml/, room: /^src\/core\/config\/toml/ },
  { header: /^CLI\//, room: /^src\/cli\// },
  { header: /^(sqlite3\.h|SQLiteCpp\/)/, room: /^src\/proxy\/db\// },
  { header: /^prometheus\//, room: /^src\/proxy\/observe\/metrics/ },
  { header: /^rapidjson\//, room: /^src\/core\/json\// },
  { header: /^spdlog\//, room: /^src\/core\/log\./ },
  { header: /^re2\//, room: /^src\/core\/(catalog|route)\// },
  { header: /^z(lib|std)\.h/, room: /^src\/proxy\/net\// },
  { header: /^boost\/(system|url|intrusive|circular_buffer)/, room: /^src\// },
];
const of_the_system = /^(sys|netinet|arpa|net|linux)\/|^(cxxabi|dirent|emmintrin|endian|errno|fcntl|grp|immintrin|malloc|netdb|poll|pthread|pwd|sched|signal|spawn|stdlib|string|strings|syslog|termios|time|unistd)\.h$/;
const of_the_language = /^[a-z0-9_]+$/;

const still = /^(thread|random|mutex|condition_variable|future|sys\/socket\.h|netdb\.h|sys\/epoll\.h)$/;
const disk = /^(fstream|fcntl\.h|spawn\.h|sys\/file\.h|sys\/wait\.h|dirent\.h)$/;
// These wait for locks and child processes too, so they may look at a clock.
const may_touch_disk = /^src\/core\/(config\/(store|paths|secret|private_file|toml_file)|connect\/|catalog\/model_lists)/;

const includes = (file) => file.text.split('\n').flatMap((line, i) => {
  const found = /^\s*#\s*include\s*(["<])([^">]+)[">]/.exec(line);
  return found ? [{ at: `${file.path}:${i + 1}`, ours: found[1] === '"', header: found[2] }] : [];
});

const house_of = (path) => /^(?:src\/)?(core|proxy|cli)\//.exec(path)?.[1];
const core_room_of = (path) => /^(?:src\/)?core\/([a-z_]+)\//.exec(path)?.[1];
const below = { core: ['core'], proxy: ['core', 'proxy'], cli: ['core', 'proxy', 'cli'] };
const codec_of = (path) => /protocol\/([a-z_]+)\//.exec(path)?.[1];

export const wall_faults = (files) => files.flatMap((file) => {
  const house = house_of(file.path);
  if (!house || !file.path.startsWith('src/')) return [];
  return includes(file).filter((i) => i.ours).flatMap(({ at, header }) => {
    const target = house_of(header);
    if (!target) return [`${at}: "${header}" is not rooted at src/`];
    if (!below[house].includes(target)) return [`${at}: ${house} must not include ${target} ("${header}")`];
    return [...core_faults(file.path, at, header), ...codec_faults(file.path, at, header)];
  });
});

const core_faults = (path, at, header) => {
  const from = core_room_of(path);
  const to = core_room_of(header);
  if (house_of(path) !== 'core' || !to || from === to) return [];
  if (!from) return [`${at}: the top of core must not include the room ${to} ("${header}")`];
  if (!core_rooms[from]) return [`${at}: core/${from} is a room the map does not know`];
  return core_rooms[from].includes(to) ? [] : [`${at}: core/${from} must not include core/${to} ("${header}")`];
};

const codec_faults = (path, at, header) => {
  const codec = codec_of(header);
  // echo is a provider that lives with us, not a wire to hide.
  if (!codec || codec === 'echo' || codec_of(path) === codec || path === 'src/core/protocol/registry.cpp') return [];
  return [`${at}: only the registry knows the codec ${codec} ("${header}")`];
};

export const door_faults = (files) => files.filter((f) => f.path.startsWith('src/')).flatMap((file) =>
  includes(file).filter((i) => !i.ours).flatMap(({ at, header }) => {
    if (of_the_language.test(header) || of_the_system.test(header)) return [];
    const door = doors.find((d) => d.header.test(header));
    if (!door) return [`${at}: <${header}> has no door`];
    return door.room.test(file.path) ? [] : [`${at}: <${header}> comes in by another door`];
  }));

export const stillness_faults = (files) => files.filter((f) => f.path.startsWith('src/core/')).flatMap((file) => {
  const faults = includes(file).filter((i) => !i.ours).flatMap(({ at, header }) => {
    if (may_touch_disk.test(file.path) && !/socket|netdb|epoll|random/.test(header)) return [];
    if (still.test(header)) return [`${at}: core is still, yet includes <${header}>`];
    if (disk.test(header)) return [`${at}: touches the disk or starts programs: <${header}>`];
    return [];
  });
  file.text.split('\n').forEach((line, i) => {
    if (!may_touch_disk.test(file.path) && /(steady|system|high_resolution)_clock::now\(/.test(line)) faults.push(`${file.path}:${i + 1}: core is told the time, it does not ask`);
  });
  return faults;
});

export const size_limit = 500;
export const size_faults = (files) => files.flatMap((file) => {
  const lines = file.text.split('\n').length - 1;
  return lines > size_limit ? [`${file.path}: ${lines} lines, the wall is ${size_limit}`] : [];
});

const vague = /(^|[_/])(utils?|common|helpers?|manager|misc)[._]/;
const unfinished = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
export const style_faults = (files) => files.flatMap((file) => {
  const faults = [];
  if (vague.test(file.path)) faults.push(`${file.path}: a name that says nothing`);
  if (file.path.endsWith('.hpp') && !file.text.includes('#pragma once')) faults.push(`${file.path}: lacks #pragma once`);
  file.text.split('\n').forEach((line, i) => {
    if (unfinished.test(line)) faults.push(`${file.path}:${i + 1}: unfinished work: ${line.trim()}`);
  });
  return faults;
});

// The target compiler frees some temporaries twice around co_await: one per statement, and neither a
// conditional nor a braced value in it.
export const coroutine_faults = (files) => files.filter((f) => f.path.startsWith('src/proxy/')).flatMap((file) => {
  const faults = [];
  let line = 1;
  const code = file.text.replace(/\/\/.*$|"(\\.|[^"\\\n])*"/gm, (found) => found.replace(/[;{}?()]|co_await/g, ' '));
  for (const [, statement, end] of code.matchAll(/([^;{}]*)([;{}]|$)/g)) {
    const at = `${file.path}:${line + /^\s*/.exec(statement)[0].split('\n').length - 1}`;
    line += statement.split('\n').length - 1;
    const waits = statement.match(/\bco_await\b/g)?.length ?? 0;
    if (waits === 0) continue;
    if (waits > 1) faults.push(`${at}: ${waits} co_await in one statement`);
    if (/\s\?\s/.test(statement)) faults.push(`${at}: co_await and ?: in one statement`);
    const block = /^\s*(if|while|for|switch|else)\b/.test(statement) && statement.split('(').length === statement.split(')').length;
    if (end === '{' && !block) faults.push(`${at}: co_await and a braced value in one statement`);
  }
  return faults;
});
