#include "proxy/exchange/answer.hpp"

#include <algorithm>
#include <charconv>

namespace tpool::exchange {
namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view sse_type = "text/event-stream";

}  // namespace

Answer::Answer(net::Reply& reply, const protocol::Codec& codec, protocol::ReplyContext context,
               bool stream, Instant started, const config::Routing& routing)
    : reply_(reply),
      codec_(codec),
      context_(std::move(context)),
      stream_(stream),
      header_wait_(routing.header_wait),
      heartbeat_(routing.heartbeat),
      last_said_(started) {}

void Answer::describe(std::string_view route, int attempts, std::string_view loss) {
  if (described_ || reply_.begun()) return;
  described_ = true;
  if (!route.empty()) reply_.add("x-tpool-route", net::field_value(route));
  char number[16];
  const auto end = std::to_chars(number, number + sizeof number, attempts).ptr;
  reply_.add("x-tpool-attempts", {number, static_cast<std::size_t>(end - number)});
  if (!loss.empty()) reply_.add("x-tpool-loss", net::field_value(loss));
}

void Answer::made_by(std::string_view provider, std::string_view model) {
  if (encoder_) return;
  context_.provider = provider;
  context_.upstream_model = model;
}

protocol::EventEncoder& Answer::encoder() {
  if (!encoder_) encoder_ = codec_.encoder(context_);
  return *encoder_;
}

net::Task<> Answer::pass(std::string_view wire, bool last) {
  if (!reply_.begun()) {
    reply_.add("cache-control", "no-cache");
    reply_.begin(200, sse_type);
  }
  last_said_ = std::chrono::steady_clock::now();
  if (listener_) listener_->stream(wire);
  return reply_.send(wire, last);
}

net::Task<> Answer::whole(int status, std::span<const std::string_view> body) {
  if (listener_) {
    std::string text;
    for (const auto piece : body) text.append(piece);
    listener_->whole(status, text);
  }
  return reply_.whole(status, json_type, body);
}

net::Task<> Answer::beat() {
  if (!stream_ || reply_.finished()) co_return;
  std::string text;
  encoder().heartbeat(text);
  co_await pass(text);
}

net::Task<> Answer::fail(const ir::Failure& failure) {
  if (reply_.finished() || !reply_.ok()) co_return;
  if (reply_.begun()) {
    // A heartbeat's encoder does not know how many events went by since.
    if (context_.begun) encoder_.reset();
    std::string text;
    encoder().write(ir::Failed{failure}, text);
    co_await pass(text, true);
    co_return;
  }
  const auto error = codec_.encode_error(failure, context_);
  if (error.retry_after) {
    const auto seconds = std::max<std::int64_t>(1, (error.retry_after->count() + 999) / 1000);
    reply_.add("retry-after", std::to_string(seconds));
  }
  const std::string_view body = error.body;
  co_await reply_.whole(error.status, json_type, body);
}

}  // namespace tpool::exchange
