// What is known of a model decides how much of a request it is sent, whatever protocol it speaks.
#include <doctest/doctest.h>

#include "core/json/value.hpp"
#include "core/protocol/registry.hpp"

using namespace tpool;
using namespace tpool::protocol;

namespace {

Encoded encoded(Protocol from, std::string_view body, Protocol to, const Target& target) {
  const auto request = codec(from)->decode_request(body);
  REQUIRE_MESSAGE(request.has_value(), (request ? "" : request.error().message));
  return provider_codec(to)->encode_request(*request, target);
}

bool says(const Encoded& encoded, std::string_view text) {
  CAPTURE(encoded.body);
  return encoded.body.find(text) != std::string::npos;
}

constexpr std::string_view thinker =
    R"({"model":"m","max_tokens":200000,"thinking":{"type":"adaptive"},)"
    R"("output_config":{"effort":"max"},"messages":[{"role":"user","content":"hi"}]})";

}  // namespace

TEST_CASE("an effort is fitted to the model, and a limit to what it can write") {
  Target target{"p", "m"};
  target.efforts = {"low", "high"};
  target.max_output = 128'000;
  const auto responses = encoded(Protocol::messages, thinker, Protocol::responses, target);
  CHECK(says(responses, R"("effort":"high")"));
  CHECK(says(responses, R"("max_output_tokens":128000)"));
  CHECK(ir::summary(responses.losses) == "reasoning.effort approximated 1");
  const auto chat = encoded(Protocol::messages, thinker, Protocol::chat, target);
  CHECK(says(chat, R"("reasoning_effort":"high")"));
  CHECK(says(chat, R"("max_tokens":128000)"));
  CHECK(ir::summary(chat.losses) == "reasoning.effort approximated 1");

  // What the store maps is meant so.
  target.dialect.effort_map = {{"max", "low"}};
  for (const Protocol to : {Protocol::responses, Protocol::chat}) {
    const auto mapped = encoded(Protocol::messages, thinker, to, target);
    CHECK(says(mapped, R"("low")"));
    CHECK(ir::summary(mapped.losses) == "");
  }
}

TEST_CASE("no effort is said as such to a model that knows the word") {
  constexpr std::string_view body =
      R"({"model":"m","messages":[{"role":"user","content":"hi"}],"reasoning_effort":"none"})";
  Target target{"p", "m"};
  for (const Protocol to : {Protocol::responses, Protocol::chat})
    CHECK_FALSE(says(encoded(Protocol::chat, body, to, target), "none"));
  target.efforts = {"none", "high"};
  CHECK(says(encoded(Protocol::chat, body, Protocol::responses, target), R"("effort":"none")"));
  CHECK(
      says(encoded(Protocol::chat, body, Protocol::chat, target), R"("reasoning_effort":"none")"));
}

TEST_CASE("a model that does not reason is not asked to") {
  Target target{"p", "m"};
  target.reasons = false;
  constexpr std::string_view body =
      R"({"model":"m","max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":5000},)"
      R"("messages":[{"role":"user","content":"hi"}]})";
  for (const Protocol to :
       {Protocol::responses, Protocol::chat, Protocol::messages, Protocol::gemini}) {
    CAPTURE(to_string(to));
    const auto made = encoded(Protocol::messages, body, to, target);
    for (const auto* word : {"reasoning", "thinking", "summary"}) CHECK_FALSE(says(made, word));
    CHECK(ir::summary(made.losses) == "reasoning.effort dropped 1");
  }
  target.dialect.effort = "budget";
  CHECK_FALSE(says(encoded(Protocol::chat,
                           R"({"model":"m","messages":[{"role":"user","content":"hi"}],)"
                           R"("reasoning_effort":"none"})",
                           Protocol::gemini, target),
                   "thinking"));
}

TEST_CASE("sealed reasoning is asked for where the client keeps the conversation") {
  constexpr std::string_view include = R"("include":["reasoning.encrypted_content"])";
  Target target{"p", "m"};
  // Models that do not reason refuse to be asked.
  CHECK_FALSE(says(encoded(Protocol::messages, thinker, Protocol::responses, target), "include"));
  target.efforts = {"low", "high"};
  CHECK(says(encoded(Protocol::messages, thinker, Protocol::responses, target), include));
  const auto own = [&](std::string_view more) {
    const std::string body = R"({"model":"m","input":"hi")" + std::string(more) + "}";
    return encoded(Protocol::responses, body, Protocol::responses, target);
  };
  CHECK_FALSE(says(own(""), "include"));
  CHECK_FALSE(says(own(R"(,"store":true)"), "include"));
  CHECK(says(own(R"(,"store":false)"), include));
  CHECK_FALSE(says(own(R"(,"store":false,"include":[])"), "encrypted_content"));
  target.dialect.replay_reasoning = "never";
  CHECK_FALSE(says(own(R"(,"store":false)"), "include"));
}

TEST_CASE("a tool that stays behind is never demanded") {
  const auto body = [](std::string_view tools, std::string_view choice) {
    return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}],"tools":[)"
           R"({"type":"web_search_20250305","name":"web_search"})" +
           std::string(tools) + R"(],"tool_choice":{)" + std::string(choice) + "}}";
  };
  const Target target{"p", "m"};
  constexpr std::string_view search = R"("type":"tool","name":"web_search")";
  constexpr std::string_view look = R"(,{"name":"look","input_schema":{"type":"object"}})";
  for (const Protocol to : {Protocol::responses, Protocol::chat, Protocol::gemini}) {
    CAPTURE(to_string(to));
    const auto lost = [](const Encoded& made) {
      return ir::summary(made.losses).find("tool_choice dropped 1") != std::string::npos;
    };
    const auto alone = encoded(Protocol::messages, body("", search), to, target);
    CHECK_FALSE(says(alone, "web_search"));
    CHECK_FALSE(says(alone, "tool_choice"));
    CHECK_FALSE(says(alone, "\"tools\""));
    const auto beside = encoded(Protocol::messages, body(look, search), to, target);
    CHECK_FALSE(says(beside, "web_search"));
    CHECK(lost(beside));
    CHECK_FALSE(
        says(encoded(Protocol::messages, body("", R"("type":"any")"), to, target), "required"));
  }
  const auto own = encoded(Protocol::messages, body(look, search), Protocol::messages, target);
  CHECK(says(own, R"("tool_choice":{"type":"tool","name":"web_search"})"));
  CHECK(ir::summary(own.losses) == "");
}

TEST_CASE("a choice in words of its own is no longer one where its tools are said another way") {
  Target plain{"p", "m"};
  plain.dialect.responses_hosted_tools = plain.dialect.responses_custom_tools = false;
  const auto made = [&](std::string_view choice) {
    const std::string body = R"({"model":"m","input":"hi","tools":[{"type":"web_search"},)"
                             R"({"type":"custom","name":"patch"}],"tool_choice":)" +
                             std::string(choice) + "}";
    return encoded(Protocol::responses, body, Protocol::responses, plain);
  };
  const auto hosted = made(R"({"type":"web_search"})");
  CHECK_FALSE(says(hosted, "tool_choice"));
  CHECK(ir::summary(hosted.losses) ==
        "tools.web_search dropped 1; tools.custom approximated 1; tool_choice dropped 1");
  const auto allowed = made(
      R"({"type":"allowed_tools","mode":"required","tools":[{"type":"custom","name":"patch"}]})");
  CHECK(says(allowed, R"("tool_choice":"required")"));
  CHECK(ir::summary(allowed.losses) ==
        "tools.web_search dropped 1; tools.custom approximated 1; tool_choice approximated 1");
  CHECK(says(made(R"({"type":"custom","name":"patch"})"),
             R"("tool_choice":{"type":"function","name":"patch"})"));
}

TEST_CASE("what another server keeps cannot be left out") {
  for (const std::string member : {"conversation", "prompt"}) {
    CAPTURE(member);
    const std::string body =
        R"({"model":"m","input":"hi","max_output_tokens":99,")" + member + R"(":{"id":"x"}})";
    for (const Protocol to : {Protocol::chat, Protocol::messages, Protocol::gemini})
      CHECK(ir::summary(encoded(Protocol::responses, body, to, {"p", "m"}).losses) ==
            member + " refused 1");
    const auto own = encoded(Protocol::responses, body, Protocol::responses, {"p", "m"});
    CHECK(ir::summary(own.losses) == "");
    CHECK(says(own, member));
  }
}

TEST_CASE("a picture only its own provider holds is refused by every other") {
  constexpr std::string_view body =
      R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":[)"
      R"({"type":"image","source":{"type":"file","file_id":"f"}},{"type":"text","text":"?"}]}]})";
  for (const Protocol to : {Protocol::responses, Protocol::chat, Protocol::gemini})
    CHECK(ir::summary(encoded(Protocol::messages, body, to, {"p", "m"}).losses) ==
          "files.id refused 1");
}

TEST_CASE("a document only its own provider holds is refused by every other") {
  constexpr std::string_view body =
      R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":[)"
      R"({"type":"document","title":"T","source":{"type":"file","file_id":"file_1"},)"
      R"("cache_control":{"type":"ephemeral"}},{"type":"text","text":"?"}]}]})";
  for (const Protocol to : {Protocol::responses, Protocol::chat, Protocol::gemini}) {
    const auto refused = encoded(Protocol::messages, body, to, {"p", "m"});
    CHECK(ir::summary(refused.losses) == "files.id refused 1");
    CHECK(!says(refused, "file_1"));
  }
  const auto own = encoded(Protocol::messages, body, Protocol::messages, {"p", "m"});
  CHECK(ir::summary(own.losses) == "");
  CHECK(says(own, R"({"type":"document","title":"T","source":{"type":"file","file_id":"file_1"},)"
                  R"("cache_control":{"type":"ephemeral"}})"));
  // Chat and Responses are one family: their files are the same.
  constexpr std::string_view theirs =
      R"({"model":"m","input":[{"role":"user","content":[)"
      R"({"type":"input_file","file_id":"file-1"},{"type":"input_text","text":"?"}]}]})";
  CHECK(says(encoded(Protocol::responses, theirs, Protocol::chat, {"p", "m"}), "file-1"));
  CHECK(ir::summary(encoded(Protocol::responses, theirs, Protocol::messages, {"p", "m"}).losses)
            .find("files.id refused 1") == 0);
}

TEST_CASE("documents go to a Chat model that may read them, and those of tools to one that does") {
  constexpr std::string_view pdf = R"({"type":"document","title":"T","source":{"type":"base64",)"
                                   R"("media_type":"application/pdf","data":"JVBERi0="}})";
  const std::string asked =
      R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":[)" + std::string(pdf) +
      R"(,{"type":"text","text":"?"}]}]})";
  const std::string returned =
      R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"},)"
      R"({"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[)" +
      std::string(pdf) + R"(]}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]})";
  constexpr std::string_view file = R"({"type":"file","file":{"file_data":"data:application/pdf)";
  constexpr std::string_view note = "[A document was here that could not be passed on: T]";
  Target target{"p", "m"};
  const auto sent = [&](std::string_view body) {
    return encoded(Protocol::messages, body, Protocol::chat, target);
  };
  CHECK(says(sent(asked), file));
  CHECK(says(sent(returned), note));
  CHECK(!says(sent(returned), file));
  CHECK(ir::summary(sent(returned).losses) == "files dropped 1");

  target.files = true;
  CHECK(says(sent(asked), file));
  CHECK(says(sent(returned), R"({"role":"tool","tool_call_id":"t","content":"[document: T]"})"));
  CHECK(says(sent(returned),
             R"("text":"Documents returned by the tools above:"},)" + std::string(file)));
  CHECK(ir::summary(sent(returned).losses) == "files approximated 1");

  target.files = false;
  for (const std::string_view body : {std::string_view(asked), std::string_view(returned)}) {
    CHECK(says(sent(body), note));
    CHECK(!says(sent(body), file));
    CHECK(ir::summary(sent(body).losses) == "files dropped 1");
  }
  CHECK(says(sent(asked), R"("content":"[A document was)"));
}

TEST_CASE("reasoning a Chat client gives back is a summary at a Responses provider") {
  constexpr std::string_view body =
      R"({"model":"m","messages":[{"role":"user","content":"a"},)"
      R"({"role":"assistant","reasoning_content":"hm","content":"b"},{"role":"user","content":"c"}]})";
  const auto made = encoded(Protocol::chat, body, Protocol::responses, {"p", "m"});
  CHECK(says(made, R"({"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]})"));
  CHECK_FALSE(says(made, "reasoning_text"));
}
