#include "core/protocol/responses/codec.hpp"

#include "core/protocol/openai_error.hpp"
#include "core/protocol/provider_json.hpp"
#include "core/protocol/responses/errors.hpp"
#include "core/protocol/responses/events_decode.hpp"
#include "core/protocol/responses/events_encode.hpp"
#include "core/protocol/responses/request.hpp"
#include "core/protocol/responses/watcher.hpp"

namespace tpool::protocol::responses {

namespace {

class ResponsesCodec : public Codec {
 public:
  std::string path(std::string_view, bool) const override { return "/responses"; }

  Result<ir::Request> decode_request(std::string_view body) const override {
    return responses::decode_request(body);
  }
  Encoded encode_request(const ir::Request& request, const Target& target) const override {
    return responses::encode_request(request, target);
  }
  std::unique_ptr<EventDecoder> decoder(const ir::ToolNames& names,
                                        const Target& target) const override {
    return std::make_unique<Decoder>(names, target);
  }
  std::unique_ptr<EventEncoder> encoder(const ReplyContext& context) const override {
    return std::make_unique<Encoder>(context);
  }
  std::unique_ptr<Watcher> watcher() const override { return std::make_unique<ResponsesWatcher>(); }

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

  // One code path: the whole answer is what its stream ends with.
  std::string encode_answer(const ir::Answer& answer, const ReplyContext& context) const override {
    Encoder encoder(context);
    std::string stream;
    for (const ir::Event& event : ir::unfold(answer)) {
      stream.clear();
      encoder.write(event, stream);
    }
    if (context.compact_reply && !encoder.failed()) return encoder.take_compacted(answer.usage);
    return encoder.take_response();
  }

  Glance glance_answer(std::string_view body) const override {
    return responses::glance_answer(body);
  }
  ir::Failure decode_error(int status, std::string_view body) const override {
    return read_error(status, body);
  }
  ErrorReply encode_error(const ir::Failure& failure) const override {
    return responses::encode_error(failure);
  }
};

}  // namespace

const Codec& codec() {
  static const ResponsesCodec instance;
  return instance;
}

}  // namespace tpool::protocol::responses
