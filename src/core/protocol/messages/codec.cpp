#include "core/protocol/messages/codec.hpp"

#include "core/protocol/messages/errors.hpp"
#include "core/protocol/messages/events_decode.hpp"
#include "core/protocol/messages/events_encode.hpp"
#include "core/protocol/messages/request.hpp"
#include "core/protocol/messages/watcher.hpp"
#include "core/protocol/openai_error.hpp"
#include "core/protocol/provider_json.hpp"

namespace tpool::protocol::messages {

namespace {

class MessagesCodec : public Codec {
 public:
  std::string path(std::string_view, bool) const override { return "/messages"; }

  Result<ir::Request> decode_request(std::string_view body) const override {
    return messages::decode_request(body);
  }
  Encoded encode_request(const ir::Request& request, const Target& target) const override {
    return messages::encode_request(request, target);
  }
  std::unique_ptr<EventDecoder> decoder(const ir::ToolNames& names,
                                        const Target& target) const override {
    return std::make_unique<Decoder>(names, target);
  }
  std::unique_ptr<EventEncoder> encoder(const ReplyContext& context) const override {
    return std::make_unique<Encoder>(context);
  }
  std::unique_ptr<Watcher> watcher() const override { return std::make_unique<MessagesWatcher>(); }

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
    const json::Value root = document->root();
    decoder.take(root["type"].string_or(""), root, events);
    decoder.end(events);
    return events;
  }

  std::string encode_answer(const ir::Answer& answer, const ReplyContext& context) const override {
    return messages::encode_answer(answer, context);
  }
  Glance glance_answer(std::string_view body) const override {
    return messages::glance_answer(body);
  }
  ir::Failure decode_error(int status, std::string_view body) const override {
    return read_error(status, body);
  }
  ErrorReply encode_error(const ir::Failure& failure) const override {
    return messages::encode_error(failure);
  }
};

}  // namespace

const Codec& codec() {
  static const MessagesCodec instance;
  return instance;
}

}  // namespace tpool::protocol::messages
