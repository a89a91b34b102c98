#include "proxy/inbound/request_class.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::inbound;
using route::Class;

namespace {

using Fields = std::vector<net::Field>;

Class class_of(Protocol protocol, const Fields& fields, std::string_view body,
               cache::Turns* turns = nullptr,
               route::Operation operation = route::Operation::generate) {
  net::Head head;
  head.fields = fields;
  const auto scan = json::scan(body);
  REQUIRE(scan.has_value());
  return inbound::class_of({protocol, operation, {}, turns}, head, *scan, body);
}

// As Codex 0.169 says them, ids left out.
constexpr std::string_view user_turn =
    R"({"agent_name":"/root","request_kind":"turn","thread_source":"user","turn_trigger":"user"})";
constexpr std::string_view title_turn =
    R"({"agent_name":"/root","request_kind":"turn","thread_source":"thread_title"})";
constexpr std::string_view compaction_turn =
    R"({"request_kind":"compaction","thread_source":"user","turn_trigger":"exec",)"
    R"("compaction":{"trigger":"auto","reason":"context_limit","phase":"mid_turn"}})";
constexpr std::string_view prewarm_turn =
    R"({"turn_id":"","request_kind":"prewarm","thread_source":"user"})";

constexpr std::string_view plain = R"({"model":"m","input":"hi","tools":[{"type":"web_search"}]})";

Class codex(std::string_view metadata, std::string_view subagent = {},
            std::string_view body = plain) {
  Fields fields{{"originator", "codex-tui"}, {"x-codex-turn-metadata", metadata}};
  if (!subagent.empty()) fields.push_back({"x-openai-subagent", subagent});
  return class_of(Protocol::responses, fields, body);
}

constexpr std::string_view title_schema =
    R"({"type":"object","properties":{"title":{"type":"string"}},"required":["title"],)"
    R"("additionalProperties":false})";

std::string with(std::string_view text, std::string_view schema) {
  std::string made(text);
  return made.replace(made.find('@'), 1, schema);
}

const Fields claude{{"user-agent", "claude-cli/2.1.197 (external, cli)"},
                    {"x-app", "cli"},
                    {"x-claude-code-session-id", "35482c84"}};
const Fields opencode{{"user-agent", "opencode/1.17.10"}, {"x-session-affinity", "ses_1"}};

}  // namespace

TEST_CASE("Codex says where a request comes from") {
  CHECK(codex(user_turn) == Class::interactive);
  CHECK(codex(title_turn) == Class::background);
  CHECK(codex(compaction_turn) == Class::background);
  CHECK(codex(prewarm_turn) == Class::probe);
  CHECK(codex(R"({"turn_trigger":"memory_consolidation"})") == Class::background);
  CHECK(codex(user_turn, "collab_spawn") == Class::subagent);
  CHECK(codex(user_turn, "review") == Class::subagent);
  CHECK(codex(user_turn, "guardian") == Class::background);
  CHECK(codex(user_turn, "memory_consolidation") == Class::background);
  // What cannot be read says nothing.
  for (const std::string_view odd : {"", "{", "[]", "7", R"({"thread_source":7})"})
    CHECK(codex(odd) == Class::interactive);
}

TEST_CASE("over a WebSocket each request speaks for itself, not the head of the connection") {
  const Fields head{{"x-codex-turn-metadata", prewarm_turn}, {"x-openai-subagent", "review"}};
  net::Offload offload;
  cache::Turns own(offload, std::nullopt);
  auto* const turns = &own;
  const auto frame = [&](std::string_view metadata) {
    return class_of(
        Protocol::responses, head,
        with(R"({"type":"response.create","model":"m","input":[],"client_metadata":@})", metadata),
        turns);
  };
  CHECK(frame("{}") == Class::interactive);
  CHECK(frame(R"({"x-openai-subagent":"collab_spawn"})") == Class::subagent);
  CHECK(frame(R"({"x-codex-turn-metadata":"{\"thread_source\":\"thread_title\"}"})") ==
        Class::background);
  CHECK(frame(R"({"x-codex-turn-metadata":"{\"request_kind\":\"turn\"}"})") == Class::interactive);
  CHECK(frame("7") == Class::interactive);
}

TEST_CASE("an answer of one token is a probe, whatever its limit is called") {
  const auto limit = [](Protocol protocol, std::string_view name, std::string_view value) {
    return class_of(protocol, {},
                    R"({"model":"m","messages":[{"role":"user","content":"quota"}],")" +
                        std::string(name) + "\":" + std::string(value) + "}");
  };
  CHECK(limit(Protocol::messages, "max_tokens", "1") == Class::probe);
  CHECK(limit(Protocol::chat, "max_completion_tokens", "1") == Class::probe);
  CHECK(limit(Protocol::responses, "max_output_tokens", "1") == Class::probe);
  CHECK(limit(Protocol::messages, "max_tokens", "16") == Class::interactive);
  CHECK(limit(Protocol::messages, "max_tokens", "10") == Class::interactive);
  CHECK(limit(Protocol::messages, "top_k", "1") == Class::interactive);
}

TEST_CASE(
    "who wants a title in JSON and nothing else, and gives no tools, works in the background") {
  const std::string_view messages =
      R"({"model":"m","max_tokens":32000,"messages":[{"role":"user","content":"<session>hi"}],)"
      R"("tools":[],"output_config":{"format":{"type":"json_schema","schema":@}}})";
  const std::string_view chat =
      R"({"model":"m","messages":[],"response_format":{"type":"json_schema",)"
      R"("json_schema":{"name":"t","schema":@}}})";
  const std::string_view responses =
      R"({"model":"m","input":[],"tools":[],"text":{"format":{"type":"json_schema","schema":@}}})";
  const std::string_view with_tools = R"({"model":"m","input":[],"tools":[{"type":"web_search"}],)"
                                      R"("text":{"format":{"type":"json_schema","schema":@}}})";
  CHECK(class_of(Protocol::messages, claude, with(messages, title_schema)) == Class::background);
  CHECK(class_of(Protocol::chat, {}, with(chat, title_schema)) == Class::background);
  CHECK(class_of(Protocol::responses, {}, with(responses, title_schema)) == Class::background);
  CHECK(class_of(Protocol::responses, {}, with(with_tools, title_schema)) == Class::interactive);
  for (const std::string_view other :
       {R"({"properties":{"title":{"type":"string"},"body":{"type":"string"}}})",
        R"({"properties":{"title":{"type":"object"}}})", R"({"properties":{}})", R"("title")"})
    CHECK(class_of(Protocol::responses, {}, with(responses, other)) == Class::interactive);
}

TEST_CASE("Claude Code names its sub-agents, and a compaction is all it says to the model") {
  const std::string_view turn =
      R"({"model":"m","max_tokens":32000,"system":[{"type":"text","text":"You are a Claude agent"},)"
      R"({"type":"text","text":@}],"messages":[{"role":"user","content":"hi"}],"tools":[{"name":"x"}]})";
  const std::string_view compacts =
      R"("You are a helpful AI assistant tasked with summarizing conversations.")";
  const std::string_view quotes =
      R"("Never say \"You are a helpful AI assistant tasked with summarizing conversations.\"")";
  CHECK(class_of(Protocol::messages, claude, with(turn, R"("Be brief.")")) == Class::interactive);
  CHECK(class_of(Protocol::messages, claude, with(turn, compacts)) == Class::background);
  CHECK(class_of(Protocol::messages, claude, with(turn, quotes)) == Class::interactive);
  CHECK(class_of(Protocol::messages, {}, with(turn, compacts)) == Class::interactive);
  auto nested = claude;
  nested.push_back({"x-claude-code-agent-id", "a1"});
  CHECK(class_of(Protocol::messages, nested, with(turn, R"("Be brief.")")) == Class::subagent);
}

TEST_CASE("opencode names the session above, and its own agents begin as they do") {
  const std::string_view chat =
      R"({"model":"m","max_tokens":32000,"messages":[{"role":"system","content":@},)"
      R"({"role":"user","content":"Generate a title"}]})";
  const std::string_view responses =
      R"({"model":"m","input":[{"role":"developer","content":@}],"stream":true})";
  const std::string_view title = R"("You are a title generator. You output ONLY a thread title.")";
  const std::string_view summary =
      R"("You are a context summarization agent. You are given a conversation")";
  for (const auto words : {title, summary}) {
    CHECK(class_of(Protocol::chat, opencode, with(chat, words)) == Class::background);
    CHECK(class_of(Protocol::responses, opencode, with(responses, words)) == Class::background);
    CHECK(class_of(Protocol::chat, {}, with(chat, words)) == Class::interactive);
  }
  CHECK(class_of(Protocol::chat, opencode, with(chat, R"("You are opencode.")")) ==
        Class::interactive);
  auto nested = opencode;
  nested.push_back({"x-parent-session-id", "ses_0"});
  CHECK(class_of(Protocol::chat, nested, with(chat, R"("You are opencode.")")) == Class::subagent);
}

TEST_CASE("a compaction is background by whichever way it is asked for; the rest are as they are") {
  CHECK(class_of(Protocol::responses, {},
                 R"({"model":"m","input":[{"type":"compaction_trigger"}]})") == Class::background);
  CHECK(class_of(Protocol::responses, {}, R"({"model":"m","input":[]})", nullptr,
                 route::Operation::compact) == Class::background);
  CHECK(class_of(Protocol::messages, {}, R"({"model":"m","max_tokens":1})", nullptr,
                 route::Operation::count_tokens) == Class::interactive);
}
