#include "core/protocol/messages/codec.hpp"

#include "core/protocol/codec_of.hpp"
#include "core/protocol/messages/errors.hpp"
#include "core/protocol/messages/events_decode.hpp"
#include "core/protocol/messages/events_encode.hpp"
#include "core/protocol/messages/request.hpp"
#include "core/protocol/messages/watcher.hpp"
#include "core/protocol/openai_error.hpp"

namespace tpool::protocol::messages {

namespace {

struct Pieces {
  using Decoder = messages::Decoder;
  using Encoder = messages::Encoder;
  using Watcher = MessagesWatcher;
  static constexpr auto decode_request = messages::decode_request;
  static constexpr auto encode_request = messages::encode_request;
  static constexpr auto encode_answer = messages::encode_answer;
  static constexpr auto encode_error = messages::encode_error;
  static constexpr auto glance_answer = messages::glance_answer;

  static std::string path(std::string_view, bool) { return "/messages"; }
  static ir::Failure decode_error(int status, std::string_view body) {
    return read_error(status, body);
  }
};

}  // namespace

const Codec& codec() {
  static const CodecOf<Pieces> instance;
  return instance;
}

}  // namespace tpool::protocol::messages
