// A codec made of its protocol's pieces, so that each protocol says only what is its own.
//
// `Pieces` names the types Decoder and, where clients speak the protocol, Encoder and Watcher, and
// has the static functions called below. Stateless; any thread.
#pragma once

#include "core/protocol/codec.hpp"

namespace tpool::protocol {

template <class Pieces, class Side>
class ProviderSide : public Side {
 public:
  std::string path(std::string_view model, bool stream) const override {
    return Pieces::path(model, stream);
  }
  Encoded encode_request(const ir::Request& request, const Target& target) const override {
    return Pieces::encode_request(request, target);
  }
  std::unique_ptr<EventDecoder> decoder(const ir::ToolNames& names,
                                        const Target& target) const override {
    return std::make_unique<typename Pieces::Decoder>(names, target);
  }
  std::vector<ir::Event> decode_answer(std::string_view body, const ir::ToolNames& names,
                                       const Target& target) const override {
    std::vector<ir::Event> events;
    typename Pieces::Decoder(names, target).take_whole(body, events);
    return events;
  }
  ir::Failure decode_error(int status, std::string_view body) const override {
    return Pieces::decode_error(status, body);
  }
};

template <class Pieces>
using ProviderCodecOf = ProviderSide<Pieces, ProviderCodec>;

template <class Pieces>
class CodecOf : public ProviderSide<Pieces, Codec> {
 public:
  Result<ir::Request> decode_request(std::string_view body) const override {
    return Pieces::decode_request(body);
  }
  std::unique_ptr<EventEncoder> encoder(const ReplyContext& context) const override {
    return std::make_unique<typename Pieces::Encoder>(context);
  }
  std::string encode_answer(const ir::Answer& answer, const ReplyContext& context) const override {
    return Pieces::encode_answer(answer, context);
  }
  ErrorReply encode_error(const ir::Failure& failure, const ReplyContext& context) const override {
    if constexpr (requires { Pieces::encode_error(failure, context); })
      return Pieces::encode_error(failure, context);
    else
      return Pieces::encode_error(failure);
  }
  std::unique_ptr<Watcher> watcher() const override {
    return std::make_unique<typename Pieces::Watcher>();
  }
  Glance glance_answer(std::string_view body) const override { return Pieces::glance_answer(body); }
};

}  // namespace tpool::protocol
