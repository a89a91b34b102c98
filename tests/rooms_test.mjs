// Fails when an include crosses a wall, a library comes in by another door, or a file outgrows its limit.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import * as rooms from './rooms.mjs';

const repository = fileURLToPath(new URL('..', import.meta.url));
const source = /\.(cpp|hpp|mjs|py|sh)$|^scripts\/|^\.ci\//;

const walk = (folder) => fs.readdirSync(path.join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
  const name = path.posix.join(folder, entry.name);
  if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : walk(name);
  return source.test(name) ? [{ path: name, text: fs.readFileSync(path.join(repository, name), 'utf8') }] : [];
});
const files = ['src', 'tests', 'scripts', '.ci'].flatMap(walk);

const holds = (name, check) => test(name, () => assert.deepEqual(check(files), []));
holds('no include crosses a wall', rooms.wall_faults);
holds('every third-party header has one door', rooms.door_faults);
holds('core is still', rooms.stillness_faults);
holds(`no source file has over ${rooms.size_limit} lines`, rooms.size_faults);
holds('names say something and nothing is left unfinished', rooms.style_faults);
holds('one co_await per statement, no conditional and no braced value in it', rooms.coroutine_faults);

test('the tree was read', () => assert.ok(files.filter((f) => f.path.startsWith('src/')).length > 20));

// Each check must see the fault it is for.
const sees = (check, path_, text, pattern) => test(`a fault is seen: ${pattern}`, () => {
  const found = check([{ path: path_, text }]);
  assert.equal(found.length, 1, String(found));
  assert.match(found[0], pattern);
});
sees(rooms.wall_faults, 'src/core/json/a.cpp', '#include "proxy/net/b.hpp"\n', /core must not include proxy/);
sees(rooms.wall_faults, 'src/proxy/app.cpp', '#include "cli/main.hpp"\n', /proxy must not include cli/);
sees(rooms.wall_faults, 'src/core/ir/a.cpp', '#include "core/protocol/codec.hpp"\n', /ir must not include core\/protocol/);
sees(rooms.wall_faults, 'src/core/config/a.cpp', '#include "core/route/plan.hpp"\n', /config must not include core\/route/);
sees(rooms.wall_faults, 'src/core/types.cpp', '#include "core/route/plan.hpp"\n', /top of core/);
sees(rooms.wall_faults, 'src/core/protocol/chat/a.cpp', '#include "core/protocol/responses/b.hpp"\n', /only the registry/);
sees(rooms.wall_faults, 'src/core/json/a.cpp', '#include "b.hpp"\n', /not rooted/);
sees(rooms.door_faults, 'src/proxy/app.cpp', '#include <boost/asio/post.hpp>\n', /another door/);
sees(rooms.door_faults, 'src/core/types.cpp', '#include <rapidjson/reader.h>\n', /another door/);
sees(rooms.door_faults, 'src/core/types.cpp', '#include <curl/curl.h>\n', /no door/);
sees(rooms.stillness_faults, 'src/core/route/a.cpp', '#include <thread>\n', /still/);
sees(rooms.stillness_faults, 'src/core/json/a.cpp', '#include <fstream>\n', /disk/);
sees(rooms.stillness_faults, 'src/core/route/a.cpp', 'auto t = std::chrono::steady_clock::now();\n', /told the time/);
sees(rooms.size_faults, 'src/a.cpp', '\n'.repeat(501), /501 lines/);
sees(rooms.style_faults, 'src/core/string_utils.cpp', '', /says nothing/);
sees(rooms.style_faults, 'src/core/a.hpp', '', /pragma once/);
sees(rooms.style_faults, 'src/core/a.cpp', `// ${'TO'}DO later\n`, /unfinished/);
sees(rooms.coroutine_faults, 'src/proxy/a.cpp', 'x();\nauto y = f(co_await a(), co_await b());\n', /a.cpp:2: 2 co_await/);
sees(rooms.coroutine_faults, 'src/proxy/a.cpp', 'auto y = ok ? co_await a() : b;\n', /\?:/);
sees(rooms.coroutine_faults, 'src/proxy/a.cpp', 'if (!x) {\n  co_await refuse(head, {400, "no"});\n}\n', /a.cpp:2: .*braced/);

test('blocks after co_await are no braced values', () => {
  const text = 'while (co_await next()) {\n  if (const bool x = co_await f(a)) { g("{", "co_await"); }\n}\n';
  assert.deepEqual(rooms.coroutine_faults([{ path: 'src/proxy/a.cpp', text }]), []);
});
