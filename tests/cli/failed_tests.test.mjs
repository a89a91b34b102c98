// scripts/failed-tests: what scripts/test says again at its very end.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { run } from '../integration/process.mjs';
import { repository } from '../integration/tpool.mjs';

const failed = async (log) => {
  const done = await run(path.join(repository, 'scripts/failed-tests'), [], { input: log });
  assert.equal(done.code, 0, done.err);
  return done.out;
};

const rule = '='.repeat(79);
const doctest = `[doctest] doctest version is "2.4.9"
${rule}
store_test.cpp:12:
TEST CASE:  backups are kept

store_test.cpp:15: \x1b[31mERROR: CHECK( a == b ) is NOT correct!
  values: CHECK( 1 == 2 )

${rule}
store_test.cpp:40:
TEST CASE:  one that only speaks

store_test.cpp:41: MESSAGE: all is well

${rule}
[doctest] test cases: 3 | 2 passed | 1 failed | 0 skipped
`;
const tap = `TAP version 13
# Subtest: good
ok 1 - good
  ---
  duration_ms: 1
  ...
# Subtest: bad
not ok 2 - bad
  ---
  duration_ms: 22.1
  location: '/x/t.test.mjs:3:1'
  error: |-
    one is not two

    1 !== 2
  expected: 2
  stack: |-
    TestContext.<anonymous> (file:///x/t.test.mjs:3:32)
  ...
ok 3 - left out # SKIP
  ---
  duration_ms: 1
  ...
    not ok 1 - inner
      ---
      error: 'boom'
      stack: |-
        Test.run
      ...
    1..1
not ok 4 - group
  ---
  type: 'suite'
  failureType: 'subtestsFailed'
  error: '1 subtest failed'
  ...
# tests 5
`;

test('a doctest log gives the failed case with its message, and nothing of the others', async () => {
  const said = await failed(doctest);
  assert.match(said, /TEST CASE: {2}backups are kept/);
  assert.match(said, /store_test\.cpp:15: ERROR: CHECK\( a == b \)/);
  assert.match(said, /values: CHECK\( 1 == 2 \)/);
  assert.doesNotMatch(said, /only speaks|\[doctest\]/);
});

test('a TAP log gives failed and skipped tests with their messages, without stacks and suites', async () => {
  const said = await failed(tap);
  assert.match(said, /^not ok 2 - bad$/m);
  assert.match(said, /one is not two\n\n {4}1 !== 2\n {2}expected: 2/);
  assert.match(said, /^ok 3 - left out # SKIP$/m);
  assert.match(said, /^ {4}not ok 1 - inner$/m);
  assert.match(said, /boom/);
  assert.doesNotMatch(said, /good|group|TestContext|Test\.run|duration_ms/);
});

test('a log without failures gives nothing', async () => {
  assert.equal(await failed('TAP version 13\nok 1 - good\n# pass 1\n'), '');
  assert.equal(await failed(`${rule}\n[doctest] test cases: 3 | 3 passed | 0 failed | 0 skipped\n`), '');
});
