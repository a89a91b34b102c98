#include "core/route/fingerprint.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::route;

namespace {

Fingerprints of(const std::string& body) {
  const auto scan = json::scan(body);
  REQUIRE(scan.has_value());
  return fingerprint(*scan, body);
}

std::size_t shared(const Fingerprints& one, const Fingerprints& other) {
  std::size_t same = 0;
  while (same < one.prompt.size() && same < other.prompt.size() &&
         one.prompt[same].fingerprint == other.prompt[same].fingerprint)
    ++same;
  return same;
}

}  // namespace

TEST_CASE("a longer conversation shares every boundary of the one it goes on from") {
  const auto first = of(R"({"model":"m","input":[{"a":"x, ]\" y"},[1,2]],"stream":true})");
  const auto second =
      of(R"({"stream":false,"model":"n","input":[{"a":"x, ]\" y"},[1,2],{"b":"\\"},3]})");
  CHECK(first.prompt.size() == 3);
  CHECK(second.prompt.size() == 5);
  CHECK(shared(first, second) == 3);
}

TEST_CASE("tools, tool_choice and instructions come before everything") {
  const std::string base = R"({"messages":[{"role":"user","content":"hi"}])";
  const auto plain = of(base + "}");
  for (const auto* more : {R"(,"tools":[{"name":"f"}]})", R"(,"tool_choice":"auto"})",
                           R"(,"instructions":"x"})", R"(,"system":"x"})"})
    CHECK(shared(plain, of(base + more)) == 0);
  CHECK(shared(plain, of(base + R"(,"temperature":1,"max_tokens":5})")) == 2);
}

TEST_CASE("an edit in the middle parts the ways there") {
  const auto one = of(R"({"input":["a","b","c","d"]})");
  const auto other = of(R"({"input":["a","b","x","d"]})");
  CHECK(shared(one, other) == 3);
}

TEST_CASE("a prompt that is one text, none at all, or an empty list") {
  CHECK(of(R"({"input":"hello"})").prompt.size() == 2);
  CHECK(of(R"({"model":"m"})").prompt.size() == 1);
  const auto empty = of(R"({"input":[]})");
  CHECK(empty.prompt.size() <= 2);
}

TEST_CASE("a cache that is asked to live an hour is believed to") {
  CHECK(of(R"({"input":"x"})").life_s == 300);
  CHECK(of(R"({"input":"x","prompt_cache_retention":"24h"})").life_s == 3600);
  CHECK(
      of(R"({"messages":[],"system":[{"text":"x","cache_control":{"type":"ephemeral","ttl":"1h"}}]})")
          .life_s == 3600);
}

TEST_CASE("thousands of messages keep a bounded number of boundaries, the newest among them") {
  std::string body = R"({"input":[0)";
  for (int i = 1; i < 5000; ++i) body += "," + std::to_string(i);
  const auto before = of(body + "]}");
  const auto after = of(body + ",1]}");
  CHECK(before.prompt.size() <= 512);
  CHECK(after.prompt[after.prompt.size() - 2].fingerprint == before.prompt.back().fingerprint);
  CHECK(after.prompt[1].fingerprint == before.prompt[1].fingerprint);
}

TEST_CASE("a body of very many items needs little room") {
  std::string body = R"({"input":[0)";
  for (int i = 1; i < 100'000; ++i) body += ",0";
  CHECK(of(body + "]}").prompt.capacity() <= 2048);
}
