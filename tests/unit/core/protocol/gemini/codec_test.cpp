#include "core/protocol/gemini/codec.hpp"

#include <doctest/doctest.h>

#include "core/protocol/registry.hpp"

using namespace tpool;
using namespace tpool::protocol;

namespace {

using Kind = ir::Failure::Kind;

ir::Failure told(int status, const std::string& body) {
  return gemini::codec().decode_error(status, body);
}

std::string google(int code, const std::string& status, const std::string& message,
                   const std::string& details = "") {
  return R"({"error":{"code":)" + std::to_string(code) + R"(,"message":")" + message +
         R"(","status":")" + status + R"(","details":[)" + details + "]}}";
}

const std::string per_minute =
    R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]})";
const std::string per_day =
    R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]})";
const std::string retry =
    R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"})";

}  // namespace

TEST_CASE("Gemini has the provider's side alone") {
  CHECK(codec(Protocol::gemini) == nullptr);
  CHECK(provider_codec(Protocol::gemini) == &gemini::codec());
  CHECK(provider_codec(Protocol::echo) == nullptr);
}

TEST_CASE("a model's name is data in the path") {
  const auto& codec = gemini::codec();
  CHECK(codec.path("gemini-3.1-pro", false) == "/models/gemini-3.1-pro:generateContent");
  CHECK(codec.path("models/gemini-3.1-pro", true) ==
        "/models/gemini-3.1-pro:streamGenerateContent?alt=sse");
  CHECK(codec.path("tunedModels/mine", false) == "/tunedModels/mine:generateContent");
  CHECK(codec.path("a/../b?c#d e\r\n:%", false) ==
        "/models/a%2F..%2Fb%3Fc%23d%20e%0D%0A%3A%25:generateContent");
}

TEST_CASE("Google's errors are understood by their status and details") {
  const std::string quota_words = "You exceeded your current quota, please check your plan.";
  CHECK(told(429, google(429, "RESOURCE_EXHAUSTED", quota_words, per_minute + "," + retry)).kind ==
        Kind::rate_limited);
  CHECK(told(429, google(429, "RESOURCE_EXHAUSTED", quota_words, per_minute + "," + retry))
            .retry_after == Milliseconds(34'500));
  CHECK(told(429, google(429, "RESOURCE_EXHAUSTED", quota_words, per_day + "," + retry)).kind ==
        Kind::quota);
  CHECK(told(429, google(429, "RESOURCE_EXHAUSTED", quota_words)).kind == Kind::quota);
  const auto key = told(
      400,
      google(400, "INVALID_ARGUMENT", "API key not valid: AIzaSyA0123456789abcdef",
             R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"})"));
  CHECK(key.kind == Kind::auth);
  CHECK(key.code == "API_KEY_INVALID");
  CHECK(key.message.find("AIza") == std::string::npos);
  CHECK(told(403, google(403, "PERMISSION_DENIED", "denied",
                         R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
                         R"("reason":"CONSUMER_SUSPENDED"})"))
            .kind == Kind::hold);
  CHECK(told(400,
             google(400, "FAILED_PRECONDITION", "User location is not supported for the API use."))
            .kind == Kind::forbidden);
  CHECK(told(400, google(400, "INVALID_ARGUMENT",
                         "The input token count (2000000) exceeds the maximum number of tokens "
                         "allowed (1048576)."))
            .kind == Kind::context_length);
  CHECK(
      told(400, google(400, "INVALID_ARGUMENT",
                       "Function call shell is missing a thought_signature in functionCall parts."))
          .kind != Kind::auth);
  CHECK(told(404, google(404, "NOT_FOUND", "models/x is not found for API version v1beta")).kind ==
        Kind::not_found);
  CHECK(told(503, google(503, "UNAVAILABLE", "The model is overloaded.")).kind == Kind::overloaded);
  CHECK(told(500, "[" + google(500, "INTERNAL", "An internal error has occurred.") + "]").kind ==
        Kind::overloaded);
  CHECK(told(502, "<html>Bad gateway</html>").kind == Kind::overloaded);
  CHECK(told(400, "").kind == Kind::invalid_request);
}
