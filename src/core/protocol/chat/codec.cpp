#include "core/protocol/chat/codec.hpp"

#include "core/protocol/chat/errors.hpp"
#include "core/protocol/chat/events_decode.hpp"
#include "core/protocol/chat/events_encode.hpp"
#include "core/protocol/chat/request.hpp"
#include "core/protocol/chat/watcher.hpp"
#include "core/protocol/openai_error.hpp"
#include "core/protocol/provider_json.hpp"

namespace tpool::protocol::chat {

namespace {

class ChatCodec : public Codec {
 public:
  std::string path(std::string_view, bool) const override { return "/chat/completions"; }

  Result<ir::Request> decode_request(std::string_view body) const override {
    return chat::decode_request(body);
  }
  Encoded encode_request(const ir::Request& request, const Target& target) const override {
    return chat::encode_request(request, target);
  }
  std::unique_ptr<EventDecoder> decoder(const ir::ToolNames& names,
                                        const Target& target) const override {
    return std::make_unique<Decoder>(names, target);
  }
  std::unique_ptr<EventEncoder> encoder(const ReplyContext& context) const override {
    return std::make_unique<Encoder>(context);
  }
  std::unique_ptr<Watcher> watcher() const override { return std::make_unique<ChatWatcher>(); }

  std::vector<ir::Event> decode_answer(std::string_view body, const ir::ToolNames& names,
                                       const Target& target) const override {
    std::vector<ir::Event> events;
    Decoder decoder(names, target);
    const auto document = parse_provider_json(body);
    if (!document) {
      decoder.fail({ir::Failure::Kind::garbage, 0,
                    "the provider's answer is not JSON: " + short_text(body.substr(0, 120))},
                   events);
      return events;
    }
    decoder.take(document->root(), events);
    decoder.end(events);
    return events;
  }

  std::string encode_answer(const ir::Answer& answer, const ReplyContext& context) const override {
    return chat::encode_answer(answer, context);
  }
  Glance glance_answer(std::string_view body) const override { return chat::glance_answer(body); }
  ir::Failure decode_error(int status, std::string_view body) const override {
    return read_error(status, body);
  }
  ErrorReply encode_error(const ir::Failure& failure) const override {
    return chat::encode_error(failure);
  }
};

}  // namespace

const Codec& codec() {
  static const ChatCodec instance;
  return instance;
}

}  // namespace tpool::protocol::chat
