#include "proxy/inbound/responses_ws.hpp"

#include <algorithm>

#include "core/json/splice.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/protocol/registry.hpp"
#include "proxy/inbound/continuation.hpp"

namespace tpool::inbound {
namespace {

// An HTTP answer told in frames: an event's data is a frame, an error a frame of its own kind.
class FrameReply final : public net::Reply {
 public:
  FrameReply(net::WebSocket& socket, const net::Head& head) : net::Reply(head), socket_(socket) {}

  void begin(int status, std::string_view) override {
    status_ = status;
    begun_ = true;
  }

  net::Task<> send(std::string_view text, bool last) override {
    const std::span<const std::string_view> pieces(&text, 1);
    co_await send(pieces, last);
  }

  net::Task<> send(std::span<const std::string_view> pieces, bool last) override {
    if (!ok_ || finished_) co_return;
    for (const auto piece : pieces) sse_.feed(piece);
    finished_ = last;
    protocol::SseEvent event;
    while (ok_ && sse_.next(event)) {
      if (event.data == "[DONE]") continue;
      const std::string frame(event.data);
      ok_ = co_await socket_.send(frame);
      sent_ = true;
    }
  }

  net::Task<> whole(int status, std::string_view type, std::string_view body) override {
    const std::span<const std::string_view> pieces(&body, 1);
    co_await whole(status, type, pieces);
  }

  net::Task<> whole(int status, std::string_view, std::span<const std::string_view> body) override {
    if (begun_) co_return;
    begun_ = finished_ = sent_ = true;
    status_ = status;
    std::string text;
    for (const auto piece : body) text.append(piece);
    const auto document = json::Document::parse(text, "answer");
    std::string frame;
    json::Writer out(frame);
    out.begin_object().member("type", "error").member("status", status).key("error");
    if (document && document->root()["error"].is_object())
      out.raw(document->root()["error"].text());
    else
      out.begin_object().member("message", "no answer").end_object();
    out.end_object();
    ok_ = co_await socket_.send(frame);
  }

 private:
  net::WebSocket& socket_;
  protocol::SseReader sse_;
};

// A message as the body it stands for.
struct Asked {
  std::string body = {};
  bool generate = true;
  std::string model = {};
  std::string previous = {};
  std::string items = {};
};

Result<Asked> read(std::string_view message) {
  auto scanned = json::scan(message);
  if (!scanned) return scanned.error();
  Asked asked;
  json::Splice splice;
  bool create = false;
  bool streams = false;
  for (const auto& member : scanned->members) {
    const auto value = message.substr(member.value.begin, member.value.end - member.value.begin);
    if (member.name == "type") {
      create = value == "\"response.create\"";
      splice.remove_member(message, member.whole);
    } else if (member.name == "generate") {
      asked.generate = value != "false";
      splice.remove_member(message, member.whole);
    } else if (member.name == "stream" && !streams) {
      streams = true;
      splice.replace(member.value, "true");
    }
  }
  if (!create) return invalid("a message must be an object with \"type\": \"response.create\"");
  if (!streams) splice.append_member(message, "stream", "true");
  if (!asked.generate) {
    asked.model = scanned->model.value_or("");
    asked.previous = previous_of(*scanned, message);
    asked.items = own_items(*scanned, message);
  }
  asked.body = splice.text(message);
  return asked;
}

std::string error_frame(const Error& error) {
  std::string frame;
  json::Writer out(frame);
  out.begin_object().member("type", "error").member("status", 400).key("error").begin_object();
  out.member("message", error.message).member("type", "invalid_request_error");
  out.member("code", "invalid_prompt").key("param").null().end_object().end_object();
  return frame;
}

// What answers a warm-up: a response that says nothing, under an id to go on from.
net::Task<> acknowledge(Asked asked, std::string id, net::Reply& reply) {
  protocol::ReplyContext context;
  context.model = std::move(asked.model);
  context.answer_id = std::move(id);
  context.created_at = std::chrono::duration_cast<std::chrono::seconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count();
  const auto encoder = protocol::codec(Protocol::responses)->encoder(context);
  std::string wire;
  encoder->write(ir::Finished{ir::Finish::stop, ir::Usage{}}, wire);
  const std::string_view text = wire;
  const std::span<const std::string_view> pieces(&text, 1);
  co_await reply.send(pieces, true);
}

}  // namespace

net::Task<> talk(proxy::Services& services, std::string client, const net::Head& head,
                 net::Alarm& alarm, net::WebSocket& socket, Serve serve) {
  cache::Turns turns(services.offload, std::nullopt);
  std::uint64_t warm_ups = 0;
  for (;;) {
    auto message = co_await socket.receive();
    if (!message) co_return;
    auto asked = read(*message);
    message.reset();
    if (!asked) {
      const auto frame = error_frame(asked.error());
      const bool sent = co_await socket.send(frame);
      if (!sent) co_return;
      continue;
    }
    FrameReply reply(socket, head);
    if (!asked->generate) {
      const auto id = "resp_warm_" + std::to_string(++warm_ups);
      turns.keep({client, id, asked->previous, std::move(asked->items)}, Milliseconds(1));
      auto warm = std::move(*asked);
      co_await acknowledge(std::move(warm), id, reply);
      continue;
    }
    net::Inbound inbound{head, asked->body, alarm, false};
    co_await serve(turns, inbound, reply);
    if (!reply.ok()) co_return;
  }
}

}  // namespace tpool::inbound
