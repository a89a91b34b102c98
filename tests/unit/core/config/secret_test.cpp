#include "core/config/secret.hpp"

#include <doctest/doctest.h>

#include "../witness.hpp"
#include "core/config/secret_command.hpp"
#include "scratch.hpp"

using namespace tpool;
using namespace tpool::config;
using tpool::testing::check_stops_all;
using tpool::testing::Scratch;
using tpool::testing::Variable;
using tpool::testing::write_text;

namespace {

using Kind = SecretRef::Kind;

std::string failure(const SecretRef& ref) {
  const auto result = resolve(ref);
  REQUIRE(result.has_error());
  CHECK(result.error().code == Code::unavailable);
  return result.error().message;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a secret from the environment is trimmed, and a missing one names its variable") {
  const Variable set("TPOOL_TEST_KEY", " sk-1 \n");
  CHECK(resolve({Kind::env, "TPOOL_TEST_KEY"})->reveal() == "sk-1");
  const Variable blank("TPOOL_TEST_KEY", "  ");
  CHECK(has(failure({Kind::env, "TPOOL_TEST_KEY"}), "empty"));
  const Variable unset("TPOOL_TEST_KEY", std::nullopt);
  CHECK(has(failure({Kind::env, "TPOOL_TEST_KEY"}), "TPOOL_TEST_KEY is not set"));
}

TEST_CASE("a secret from a file may start at home, carry a mark and end with a line") {
  const Scratch scratch;
  const Variable home("HOME", scratch.root().string());
  write_text(scratch / "key", "\xEF\xBB\xBFsk-2\r\n");
  CHECK(resolve({Kind::file, "~/key"})->reveal() == "sk-2");
  CHECK(resolve({Kind::file, (scratch / "key").string()})->reveal() == "sk-2");
  CHECK(has(failure({Kind::file, "~/none"}), "there is no file"));
  CHECK(has(failure({Kind::file, scratch.root().string()}), "not a plain file"));
}

TEST_CASE("a secret with line breaks inside is refused without being shown") {
  const Scratch scratch;
  write_text(scratch / "key", "sk-hidden\nsk-second\n");
  const std::string message = failure({Kind::file, (scratch / "key").string()});
  CHECK(has(message, "control characters"));
  CHECK_FALSE(has(message, "sk-"));
  CHECK_FALSE(has(failure({Kind::value, "sk-x\x01"}), "sk-"));
}

TEST_CASE("a command's words reach it as they are, and its complaints are not the secret") {
  CHECK(resolve({Kind::command, "", {"printf", "%s\n", "sk $HOME;*"}})->reveal() == "sk $HOME;*");
  CHECK(resolve({Kind::command, "", {"sh", "-c", "echo noise >&2; echo sk-3"}})->reveal() ==
        "sk-3");
}

TEST_CASE("a command that fails, is missing or prints too much says so") {
  CHECK(has(failure({Kind::command, "", {"false"}}), "exited with 1"));
  CHECK(has(failure({Kind::command, "", {"sh", "-c", "kill -9 $$"}}), "signal 9"));
  CHECK(has(failure({Kind::command, "", {"tpool-no-such-command"}}), "cannot run"));
  CHECK(has(failure({Kind::command, "", {"head", "-c", "70000", "/dev/zero"}}), "64 KiB"));
  CHECK(has(failure({Kind::command, "", {"true"}}), "empty"));
  CHECK(command_output({}).has_error());
}

TEST_CASE(
    "a command that asks gets no answer, one that does not end is stopped with its children") {
  CHECK(has(failure({Kind::command, "", {"cat"}}), "empty"));
  const Scratch scratch;
  const auto stopped = [](const std::string& script, std::chrono::milliseconds limit) {
    const auto slow = command_output({"sh", "-c", script}, limit);
    REQUIRE(slow.has_error());
    CHECK(has(slow.error().message, "did not end"));
  };
  check_stops_all(scratch.root(), [&](const auto& witness, auto limit) {
    stopped(witness.hold() + "sleep 600 & " + witness.say() + "wait", limit);
  });
  // Closing its output does not let it run on either.
  check_stops_all(scratch.root(), [&](const auto& witness, auto limit) {
    stopped(witness.hold() + "exec >&-; " + witness.say() + "sleep 600", limit);
  });
}

TEST_CASE("describing a secret never shows its value") {
  CHECK(describe({Kind::value, "sk-4"}) == "value ****");
  CHECK(describe({Kind::env, "K"}) == "env K");
  CHECK(describe({Kind::file, "~/k"}) == "file ~/k");
  CHECK(describe({Kind::command, "", {"pass", "show", "x"}}) == "command pass show x");
  CHECK(describe({}) == "none");
  CHECK(has(failure({}), "no secret"));
}
