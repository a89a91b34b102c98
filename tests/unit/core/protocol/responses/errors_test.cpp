#include "core/protocol/responses/errors.hpp"

#include <doctest/doctest.h>

#include "core/json/value.hpp"
#include "core/protocol/registry.hpp"
#include "strict_stream.hpp"

using namespace tpool;
using namespace tpool::protocol;
using Kind = ir::Failure::Kind;

namespace {

const Kind kinds[] = {Kind::unreachable, Kind::no_answer,  Kind::cut,      Kind::silent,
                      Kind::garbage,     Kind::overloaded, Kind::quota,    Kind::rate_limited,
                      Kind::auth,        Kind::forbidden,  Kind::refused,  Kind::invalid_request,
                      Kind::unsupported, Kind::too_large,  Kind::internal, Kind::context_length,
                      Kind::not_found,   Kind::hold,       Kind::cancelled};

std::string code_of(const ErrorReply& reply) {
  const auto parsed = json::Document::parse(reply.body);
  REQUIRE(parsed.has_value());
  return std::string(parsed->root()["error"]["code"].string_or(""));
}

}  // namespace

TEST_CASE("no failure leaves with a status that makes Codex multiply its retries") {
  for (const Kind kind : kinds) {
    ir::Failure failure;
    failure.kind = kind;
    failure.status = 503;
    failure.message = "Provider said \"no\"";
    const ErrorReply reply = responses::encode_error(failure);
    CAPTURE(ir::to_string(kind));
    CHECK((reply.status == 400 || reply.status == 404));
    CHECK_FALSE(reply.retry_after.has_value());
    CHECK((code_of(reply) == "invalid_prompt" || code_of(reply) == "model_not_found" ||
           code_of(reply) == "context_length_exceeded"));
  }
}

TEST_CASE("a short wait is told as one, a long one in words") {
  ir::Failure failure;
  failure.kind = Kind::rate_limited;
  failure.message = "DeepSeek is rate limited.";
  failure.retry_after = Milliseconds(2'500);
  const ErrorReply reply = responses::encode_error(failure);
  CHECK(reply.status == 429);
  CHECK(reply.retry_after == Milliseconds(2'500));
  CHECK(code_of(reply) == "rate_limit_exceeded");
  CHECK(responses::tell(failure, true).message ==
        "DeepSeek is rate limited. Please try again in 3s.");

  failure.retry_after = Milliseconds(7'500'000);
  CHECK(responses::encode_error(failure).status == 400);
  CHECK(responses::tell(failure, true).code == "invalid_prompt");
  CHECK(responses::tell(failure, true).message ==
        "DeepSeek is rate limited. It can be used again in 2 h 5 min.");
  failure.message = "slow down";
  CHECK(responses::tell(failure, true).message == "slow down. It can be used again in 2 h 5 min.");
}

TEST_CASE(
    "an answer that breaks in the middle is left to Codex's own retry, one that never began is "
    "not") {
  ir::Failure failure;
  failure.kind = Kind::cut;
  failure.message = "m";
  CHECK(responses::tell(failure, true).code == "server_error");
  CHECK(responses::tell(failure, false).code == "invalid_prompt");
  failure.kind = Kind::auth;
  CHECK(responses::tell(failure, true).code == "invalid_prompt");
}

TEST_CASE("a heartbeat is a typed event, also before the answer began") {
  ReplyContext context;
  context.model = "a/b";
  context.answer_id = "resp_9";
  const auto encoder = codec(Protocol::responses)->encoder(context);
  std::string out;
  encoder->heartbeat(out);
  encoder->heartbeat(out);
  encoder->write(ir::Started{"other", "m"}, out);
  ir::Failure failure;
  failure.kind = Kind::overloaded;
  failure.message = "m";
  encoder->write(ir::Failed{failure}, out);
  const std::string ended = out;
  encoder->heartbeat(out);
  encoder->write(ir::Finished{}, out);
  CHECK(out == ended);
  CHECK(responses::broken_rules(out).empty());
  CHECK(out.find("\"id\":\"resp_9\"") != std::string::npos);
}
