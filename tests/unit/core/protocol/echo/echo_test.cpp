#include "core/protocol/echo/echo.hpp"

#include <doctest/doctest.h>

#include <random>

#include "core/ir/fold.hpp"
#include "core/json/value.hpp"

using namespace tpool;
using namespace tpool::protocol::echo;

namespace {

ir::Item user(std::string text) {
  return {ir::Message{ir::Role::user, {{ir::Text{std::move(text)}}}}};
}

ir::Tool tool(std::string name, std::string space = {},
              ir::ToolKind kind = ir::ToolKind::function) {
  ir::Tool out;
  out.kind = kind;
  out.name = std::move(name);
  out.space = std::move(space);
  return out;
}

ir::Request asking(std::string text) {
  ir::Request request;
  request.model = "echo-1";
  request.items = {{ir::Message{ir::Role::developer, {{ir::Text{"Be kind. [[status 500]]"}}}}},
                   user(std::move(text))};
  return request;
}

ir::Answer answer_of(const Script& script) {
  CHECK(script.status == 200);
  CHECK_FALSE(script.failure);
  CHECK_FALSE(script.cut);
  CHECK_FALSE(script.silent);
  ir::Fold fold;
  for (const Step& step : script.steps) fold.add(step.event);
  REQUIRE(fold.finished());
  return fold.take();
}

std::string text_of(const ir::Item& item) {
  std::string out;
  for (const ir::Part& part : std::get<ir::Message>(item.value).parts)
    out += std::get<ir::Text>(part.value).text;
  return out;
}

std::string said(const ir::Request& request) {
  return text_of(answer_of(script(request)).items.at(0));
}

}  // namespace

TEST_CASE("echo says what the last user message said, in words, the same every time") {
  ir::Request request = asking("hello");
  request.items.push_back(user("how are you?"));
  request.tools = {tool("a"), tool("b")};
  const Script once = script(request);
  CHECK(text_of(answer_of(once).items.at(0)) ==
        "You said: how are you?\nThe request held 3 items and 2 tools.");
  std::vector<std::string> words;
  for (const Step& step : once.steps) {
    CHECK(step.delay == Milliseconds(0));
    if (const auto* delta = std::get_if<ir::Delta>(&step.event)) words.push_back(delta->text);
  }
  CHECK(words.size() > 8);
  CHECK(words[0] == "You ");
  const Script twice = script(request);
  REQUIRE(once.steps.size() == twice.steps.size());
  for (std::size_t i = 0; i < once.steps.size(); ++i)
    CHECK(once.steps[i].event == twice.steps[i].event);
  CHECK(answer_of(once).model == "echo-1");
  CHECK(answer_of(once).finish == ir::Finish::stop);
}

TEST_CASE("a request without a user message, with an image or with a huge one is answered") {
  CHECK(said({}) == "You said nothing.\nThe request held 0 items and 0 tools.");
  ir::Request request = asking("look");
  std::get<ir::Message>(request.items[1].value).parts.push_back({ir::Image{"data:x"}});
  CHECK(said(request).find("look [1 image]") != std::string::npos);
  std::string huge;
  while (huge.size() < 100000) huge += "\xe4\xb8\xad";
  const std::string answer = said(asking(huge));
  CHECK(answer.size() < 6000);
  CHECK(answer.find("bytes)") != std::string::npos);
  for (const Step& step : script(asking(huge)).steps)
    if (const auto* delta = std::get_if<ir::Delta>(&step.event))
      CHECK(json::find_invalid_utf8(delta->text) == std::string::npos);
}

TEST_CASE("echo reasons when an effort is set, when asked, or when it is the reasoner") {
  const auto summary = [](const ir::Request& request) {
    const ir::Answer answer = answer_of(script(request));
    const auto* reasoning = std::get_if<ir::Reasoning>(&answer.items.at(0).value);
    return reasoning ? reasoning->summary.at(0) : "";
  };
  ir::Request request = asking("hello");
  CHECK(summary(request) == "");
  request.effort = "none";
  CHECK(summary(request) == "");
  request.effort = "high";
  CHECK(summary(request) == "Thinking about 2 items with effort high.");
  CHECK(summary(asking("[[reason it is a greeting]] hi")) == "it is a greeting");
  request = asking("hello");
  request.model = "echo/echo-reasoner";
  CHECK(summary(request) == "Thinking about 2 items.");
  const auto usage = *answer_of(script(request)).usage;
  CHECK(usage.reasoning == 6);
  CHECK(usage.output > usage.reasoning);
}

TEST_CASE("tools are called in their kind and namespace, several at once, and then the turn ends") {
  ir::Request request = asking(
      "go [[call exec_command {\"cmd\":\"ls\"}]] [[call mcp__files/read]] [[call apply_patch *** "
      "x]]");
  request.tools = {tool("exec_command"), tool("read", "mcp__files"),
                   tool("apply_patch", "", ir::ToolKind::custom)};
  const ir::Answer answer = answer_of(script(request));
  CHECK(answer.finish == ir::Finish::tool_calls);
  REQUIRE(answer.items.size() == 3);
  const auto call = [&](std::size_t i) { return std::get<ir::ToolCall>(answer.items[i].value); };
  CHECK(call(0).name == "exec_command");
  CHECK(call(0).input == "{\"cmd\":\"ls\"}");
  CHECK(call(1).space == "mcp__files");
  CHECK(call(1).name == "read");
  CHECK(call(1).input == "{}");
  CHECK(call(2).kind == ir::ToolKind::custom);
  CHECK(call(2).input == "*** x");
  CHECK(call(0).call_id != call(1).call_id);
  CHECK(call(0).call_id != "");

  for (const ir::Item& item : answer.items) request.items.push_back(item);
  const std::vector<std::string> outputs = {"file.txt", std::string(1000, 'x'), "no"};
  for (std::size_t i = 0; i < 3; ++i)
    request.items.push_back(
        {ir::ToolResult{call(i).kind, call(i).call_id, {{ir::Text{outputs[i]}}}, i == 2}});
  const std::string after = said(request);
  CHECK(after.rfind(
            "The tools answered:\n- exec_command (" + call(0).call_id + "): file.txt\n- read (",
            0) == 0);
  CHECK(after.find("(1000 bytes)") != std::string::npos);
  CHECK(after.find(" failed: no") != std::string::npos);

  // A new user message begins a new turn, with call ids of its own.
  request.items.push_back(user("[[call exec_command]]"));
  const ir::Answer again = answer_of(script(request));
  CHECK(std::get<ir::ToolCall>(again.items.at(0).value).call_id != call(0).call_id);
}

TEST_CASE("a tool that was not declared is not called") {
  ir::Request request = asking("[[call nothing {}]]");
  request.tools = {tool("nothing", "space"), tool("nothing", "", ir::ToolKind::hosted)};
  CHECK(said(request) == "There is no tool called nothing.");
}

TEST_CASE("failures are told before any answer, with their hint and kind") {
  const Script limited = script(asking("[[status 429 retry-after=2]] hi"));
  CHECK(limited.status == 429);
  CHECK(limited.retry_after == Milliseconds(2000));
  REQUIRE(limited.failure);
  CHECK(limited.failure->kind == ir::Failure::Kind::rate_limited);
  CHECK(limited.failure->retry_after == Milliseconds(2000));
  CHECK(limited.steps.empty());
  const auto kind = [](const char* text) { return script(asking(text)).failure->kind; };
  using Kind = ir::Failure::Kind;
  CHECK(kind("[[status 503]]") == Kind::overloaded);
  CHECK(kind("[[status 401]]") == Kind::auth);
  CHECK(kind("[[status 400 code=context_length_exceeded]]") == Kind::context_length);
  CHECK(kind("[[status 429 code=insufficient_quota]]") == Kind::quota);
  CHECK(kind("[[status 404]]") == Kind::not_found);
  CHECK(kind("[[status 422]]") == Kind::invalid_request);
  const Script wrong = script(asking("[[pace later]]"));
  CHECK(wrong.status == 400);
  CHECK(wrong.failure->message ==
        "echo does not understand [[pace later]]. Write it as [[pace 20ms]], at most 60s.");
}

TEST_CASE("an answer can break off or fall silent after some pieces") {
  const auto pieces = [](const Script& script) {
    int count = 0;
    for (const Step& step : script.steps) count += std::holds_alternative<ir::Delta>(step.event);
    return count;
  };
  const Script cut = script(asking("[[cut 3]] hello"));
  CHECK(cut.cut);
  CHECK(pieces(cut) == 3);
  CHECK(std::holds_alternative<ir::Delta>(cut.steps.back().event));
  CHECK(script(asking("[[cut 0]] hello")).steps.empty());
  const Script silent = script(asking("[[silence 2]] hello"));
  CHECK(silent.silent);
  CHECK(pieces(silent) == 2);
  CHECK(script(asking("[[silence]]")).steps.empty());
}

TEST_CASE("pace, length and limits of an answer are as asked") {
  const Script slow = script(asking("[[pace 20ms]] [[tokens 50]]"));
  int paced = 0;
  for (const Step& step : slow.steps) {
    const bool piece = std::holds_alternative<ir::Delta>(step.event);
    CHECK(step.delay == Milliseconds(piece ? 20 : 0));
    paced += piece;
  }
  CHECK(paced == 50);
  ir::Request request = asking("[[tokens 1000]]");
  request.max_output = 10;
  const ir::Answer cut = answer_of(script(request));
  CHECK(cut.finish == ir::Finish::length);
  CHECK(cut.usage->output == 10);
  CHECK(text_of(cut.items.at(0)).size() == 40);
  request.max_output = -5;
  CHECK(answer_of(script(request)).usage->output == 1);
}

TEST_CASE("a structured answer fits its schema") {
  ir::Request request = asking("name this thread");
  request.format.kind = ir::Format::Kind::json_schema;
  request.format.schema = R"({"type":"object","properties":{"title":{"type":"string"}}})";
  CHECK(said(request) == R"({"title":"name this thread"})");
  request.format.kind = ir::Format::Kind::json_object;
  CHECK(said(request) == R"({"answer":"name this thread"})");
}

TEST_CASE("usage follows the size of the request and of the answer") {
  const auto small = *answer_of(script(asking("hi"))).usage;
  CHECK(small.input == (23 + 2 + 3) / 4);
  CHECK(answer_of(script(asking(std::string(4002, 'x')))).usage->input == small.input + 1000);
}

TEST_CASE("whatever is said, the script is one whole stream, one failure, or one that breaks off") {
  std::mt19937 dice(13);
  const std::vector<std::string> words = {
      "[[",      "]]",      "call ",          "f ",           "{\"a\":", "[[1]]",   "}",
      "status ", "429",     " retry-after=1", "cut ",         "2",       "silence", "pace ",
      "1ms",     "reason ", "tokens ",        "\xe4\xb8\xad", "\\\"",    "\n"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (unsigned i = dice() % 16; i > 0; --i) text += words[dice() % words.size()];
    ir::Request request = asking(text);
    request.tools = {tool("f")};
    if (dice() % 2) request.effort = "low";
    const Script played = script(request);
    if (played.failure) {
      CHECK(played.status == played.failure->status);
      CHECK(played.status >= 400);
      CHECK(played.steps.empty());
      continue;
    }
    ir::Fold fold;
    for (const Step& step : played.steps) fold.add(step.event);
    CHECK(fold.finished() == !(played.cut || played.silent));
  }
}
