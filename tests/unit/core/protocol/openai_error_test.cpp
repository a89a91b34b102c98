#include "core/protocol/openai_error.hpp"

#include <doctest/doctest.h>

#include "core/json/value.hpp"

using namespace tpool;
using namespace tpool::protocol;
using Kind = ir::Failure::Kind;

TEST_CASE("Anthropic's errors are told by what is inside") {
  const auto failure = read_error(
      529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})");
  CHECK(failure.kind == ir::Failure::Kind::overloaded);
  CHECK(failure.code == "overloaded_error");
  CHECK(failure.message == "Overloaded");
}

TEST_CASE("an error's kind follows from its status, code and words") {
  struct Row {
    int status;
    const char* body;
    Kind kind;
  };
  const Row rows[] = {
      {401, R"({"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}})",
       Kind::auth},
      {401, R"({"error":{"code":"account_deactivated","message":"x"}})", Kind::hold},
      {402, R"({"error":{"message":"Insufficient Balance"}})", Kind::quota},
      {403, "<html><title>Attention Required! | Cloudflare</title></html>", Kind::forbidden},
      {403, R"({"error":{"code":"unsupported_country_region_territory","message":"no"}})",
       Kind::forbidden},
      {403, R"({"error":{"message":"Key has no permission for this project"}})", Kind::auth},
      {404, R"({"error":{"code":"model_not_found","message":"x"}})", Kind::not_found},
      {408, "", Kind::overloaded},
      {413, R"({"error":{"message":"Payload too large"}})", Kind::too_large},
      {429,
       R"({"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}})",
       Kind::quota},
      {429, R"({"error":{"message":"Rate limit reached"}})", Kind::rate_limited},
      {500, R"({"error":"boom"})", Kind::overloaded},
      {502, "<html>Bad gateway</html>", Kind::overloaded},
      {529, R"({"error":{"type":"overloaded_error"}})", Kind::overloaded},
      {302, "", Kind::garbage},
      {400, R"({"error":{"code":"context_length_exceeded","message":"x"}})", Kind::context_length},
      {400, R"({"error":{"message":"This model's maximum context length is 4096 tokens."}})",
       Kind::context_length},
      {400,
       R"({"error":{"message":"Input token length too long. Range of input length should be [1, 30720]"}})",
       Kind::context_length},
      {400, R"({"detail":"prompt is too long: 250000 tokens"})", Kind::context_length},
      {400, R"({"error":{"message":"Unknown parameter: 'verbosity'","param":"verbosity"}})",
       Kind::unsupported},
      {400, R"({"error":{"message":"Invalid schema for function 'f'"}})", Kind::unsupported},
      {422, R"({"detail":[{"loc":["body","x"],"msg":"Extra inputs are not permitted"}]})",
       Kind::unsupported},
      {400, R"({"error":{"message":"The model `x` does not exist"}})", Kind::not_found},
      {400, R"({"error":{"message":"Content Exists Risk, data_inspection_failed"}})",
       Kind::refused},
      {400, R"({"error":{"message":"messages must not be empty"}})", Kind::invalid_request},
  };
  for (const Row& row : rows) {
    CAPTURE(row.body);
    CAPTURE(row.status);
    const ir::Failure failure = read_error(row.status, row.body);
    CHECK(ir::to_string(failure.kind) == ir::to_string(row.kind));
    CHECK(failure.status == row.status);
    CHECK_FALSE(failure.message.empty());
  }
}

TEST_CASE("every usual shape of an error body gives its message") {
  CHECK(read_error(400, R"({"error":{"message":"a b","code":"c","param":"p"}})").message == "a b");
  CHECK(read_error(400, R"({"error":"plain"})").message == "plain");
  CHECK(read_error(400, R"({"detail":"plain"})").message == "plain");
  CHECK(read_error(422, R"({"detail":[{"msg":"field required"}]})").message == "field required");
  CHECK(read_error(400, R"({"message":"plain"})").message == "plain");
  CHECK(read_error(400, R"([{"error":{"message":"listed"}}])").message == "listed");
  CHECK(read_error(500, "  text \n page ").message == "text page");
  CHECK(read_error(500, "").message == "HTTP 500 with an empty body");
  CHECK(read_error(500, "{}").message == "HTTP 500 without an explanation");
  CHECK(
      read_error(502, "<html><style>a{b}</style><body><h1>Bad</h1><p>gateway &nbsp;</p>").message ==
      "Bad gateway &nbsp;");
  const auto routed = read_error(
      502,
      R"({"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"busy"}}})");
  CHECK(routed.message == "Provider returned error: busy");
  CHECK(read_error(400, R"({"error":{"message":"x","param":"tools[0]"}})").param == "tools[0]");
}

TEST_CASE("hints of when to come back are read from words and members") {
  CHECK(wait_in_words("try again in 20s") == Milliseconds(20'000));
  CHECK(wait_in_words("please try again in 1m30.5s.") == Milliseconds(90'500));
  CHECK(wait_in_words("try again in 450ms") == Milliseconds(450));
  CHECK(wait_in_words("retry after 2 minutes") == Milliseconds(120'000));
  CHECK(wait_in_words("try again in 1h2m") == Milliseconds(3'720'000));
  CHECK_FALSE(wait_in_words("fails in 3 of 4 cases").has_value());
  CHECK_FALSE(wait_in_words("limit: 30 requests per minute").has_value());
  CHECK(read_error(429, R"({"error":{"message":"x","resets_in_seconds":90}})").retry_after ==
        Milliseconds(90'000));
  CHECK(
      read_error(429, R"({"error":{"message":"x","details":[{"retryDelay":"7s"}]}})").retry_after ==
      Milliseconds(7'000));
  const auto at = read_error(429, R"({"error":{"message":"x","resets_at":1900000000}})").retry_at;
  REQUIRE(at.has_value());
  CHECK(at->time_since_epoch() == std::chrono::seconds(1'900'000'000));
  CHECK_FALSE(read_error(429, R"({"error":{"message":"x","resets_at":5}})").retry_at.has_value());
}

TEST_CASE("nothing that looks like a key survives into a message") {
  CHECK(mask_keys("Incorrect API key provided: sk-abcd1234efgh. Find") ==
        "Incorrect API key provided: [key]. Find");
  CHECK(mask_keys("Authorization: Bearer abc123def456ghi") == "Authorization: Bearer [key]");
  CHECK(mask_keys("url?api_key=abcdef-123456&x=1") == "url?api_key=[key]&x=1");
  CHECK(mask_keys("API key: 'AIzaSyA1234567890'") == "API key: '[key]'");
  CHECK(mask_keys("sk-pro***********1234") == "[key]");
  CHECK(mask_keys("risk-free task-oriented words stay") == "risk-free task-oriented words stay");
  CHECK(read_error(401, "bad token sk-abcdefghijklmnop").message == "bad token [key]");
}

TEST_CASE("a message stays short and whole characters") {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "\xC3\xA9";
  const std::string out = short_text(text);
  CHECK(out.size() <= 604);
  CHECK(json::find_invalid_utf8(out) == std::string_view::npos);
  CHECK(json::find_invalid_utf8(short_text("bad \xFF byte")) == std::string_view::npos);
}

TEST_CASE("hostile error bodies are read in bounded time") {
  std::string scripts;
  for (int i = 0; i < 20'000; ++i) scripts += "<script ";
  CHECK(read_error(500, scripts).status == 500);
  CHECK(read_error(500, std::string(200'000, '[')).status == 500);
  CHECK(read_error(500, std::string(200'000, '<')).status == 500);
}

TEST_CASE("an error inside a 200 takes its number from itself") {
  const auto parsed = json::Document::parse(R"({"code":429,"message":"slow"})");
  const ir::Failure failure = read_error(0, parsed->root());
  CHECK(failure.kind == Kind::rate_limited);
  CHECK(failure.status == 429);
}
