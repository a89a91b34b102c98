#include "core/protocol/chat/codec.hpp"

#include "core/protocol/chat/errors.hpp"
#include "core/protocol/chat/events_decode.hpp"
#include "core/protocol/chat/events_encode.hpp"
#include "core/protocol/chat/request.hpp"
#include "core/protocol/chat/watcher.hpp"
#include "core/protocol/codec_of.hpp"
#include "core/protocol/openai_error.hpp"

namespace tpool::protocol::chat {

namespace {

struct Pieces {
  using Decoder = chat::Decoder;
  using Encoder = chat::Encoder;
  using Watcher = ChatWatcher;
  static constexpr auto decode_request = chat::decode_request;
  static constexpr auto encode_request = chat::encode_request;
  static constexpr auto encode_answer = chat::encode_answer;
  static constexpr auto encode_error = chat::encode_error;
  static constexpr auto glance_answer = chat::glance_answer;

  static std::string path(std::string_view, bool) { return "/chat/completions"; }
  static ir::Failure decode_error(int status, std::string_view body) {
    return read_error(status, body);
  }
};

}  // namespace

const Codec& codec() {
  static const CodecOf<Pieces> instance;
  return instance;
}

}  // namespace tpool::protocol::chat
