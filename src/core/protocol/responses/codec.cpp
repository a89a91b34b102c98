#include "core/protocol/responses/codec.hpp"

#include "core/protocol/codec_of.hpp"
#include "core/protocol/openai_error.hpp"
#include "core/protocol/responses/errors.hpp"
#include "core/protocol/responses/events_decode.hpp"
#include "core/protocol/responses/events_encode.hpp"
#include "core/protocol/responses/request.hpp"
#include "core/protocol/responses/watcher.hpp"

namespace tpool::protocol::responses {

namespace {

struct Pieces {
  using Decoder = responses::Decoder;
  using Encoder = responses::Encoder;
  using Watcher = ResponsesWatcher;
  static constexpr auto decode_request = responses::decode_request;
  static constexpr auto encode_request = responses::encode_request;
  static constexpr auto encode_answer = responses::encode_answer;
  static constexpr auto encode_error = responses::encode_error;
  static constexpr auto glance_answer = responses::glance_answer;

  static std::string path(std::string_view, bool) { return "/responses"; }
  static ir::Failure decode_error(int status, std::string_view body) {
    return read_error(status, body);
  }
};

}  // namespace

const Codec& codec() {
  static const CodecOf<Pieces> instance;
  return instance;
}

}  // namespace tpool::protocol::responses
