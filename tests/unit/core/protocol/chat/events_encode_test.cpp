#include "core/protocol/chat/events_encode.hpp"

#include <doctest/doctest.h>

#include "core/json/value.hpp"
#include "core/protocol/chat/errors.hpp"

using namespace tpool;
using namespace tpool::protocol;
using Kind = ir::Failure::Kind;

TEST_CASE(
    "a Chat client's heartbeat is a comment first, then a chunk with nothing in it, and none "
    "follows the end") {
  ReplyContext context;
  context.model = "a/b";
  context.answer_id = "chatcmpl-9";
  chat::Encoder encoder(context);
  std::string out;
  encoder.heartbeat(out);
  CHECK(out == ": waiting\n\n");
  encoder.write(ir::Started{"chatcmpl-of-the-provider", "m"}, out);
  CHECK(out.find("chatcmpl-9") == std::string::npos);
  encoder.heartbeat(out);
  CHECK(out.find(R"("delta":{},"logprobs":null,"finish_reason":null)") != std::string::npos);
  encoder.write(ir::Finished{}, out);
  CHECK(out.ends_with("data: [DONE]\n\n"));
  const std::string ended = out;
  encoder.heartbeat(out);
  CHECK(out == ended);
}

TEST_CASE("a failed Chat stream ends in an error object and never in [DONE]") {
  chat::Encoder encoder({});
  std::string out;
  ir::Failure failure;
  failure.kind = Kind::rate_limited;
  failure.message = "slow down";
  encoder.write(ir::Failed{failure}, out);
  CHECK(out ==
        "data: {\"error\":{\"message\":\"slow down\",\"type\":\"rate_limit_error\","
        "\"code\":\"rate_limit_exceeded\",\"param\":null}}\n\n");
}

TEST_CASE("a Chat client gets the statuses its SDK knows, and no 401 for a provider's key") {
  const auto status = [](Kind kind, int theirs = 0) {
    ir::Failure failure;
    failure.kind = kind;
    failure.status = theirs;
    failure.retry_after = Milliseconds(1'000);
    const ErrorReply reply = chat::encode_error(failure);
    CHECK(reply.retry_after == Milliseconds(1'000));
    CHECK(json::Document::parse(reply.body).has_value());
    return reply.status;
  };
  CHECK(status(Kind::rate_limited) == 429);
  CHECK(status(Kind::overloaded) == 503);
  CHECK(status(Kind::cut) == 502);
  CHECK(status(Kind::silent) == 504);
  CHECK(status(Kind::auth, 401) == 403);
  CHECK(status(Kind::invalid_request, 422) == 422);
  CHECK(status(Kind::context_length, 500) == 400);
  CHECK(status(Kind::not_found) == 404);
  CHECK(status(Kind::internal) == 500);
}
