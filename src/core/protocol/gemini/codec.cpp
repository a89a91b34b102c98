#include "core/protocol/gemini/codec.hpp"

#include "core/percent.hpp"
#include "core/protocol/codec_of.hpp"
#include "core/protocol/gemini/errors.hpp"
#include "core/protocol/gemini/events_decode.hpp"
#include "core/protocol/gemini/request.hpp"

namespace tpool::protocol::gemini {

namespace {

struct Pieces {
  using Decoder = gemini::Decoder;
  static constexpr auto encode_request = gemini::encode_request;
  static constexpr auto decode_error = gemini::decode_error;

  // Lists name models "models/NAME" and tuned ones "tunedModels/NAME".
  static std::string path(std::string_view model, bool stream) {
    std::string_view folder = "models/";
    for (const std::string_view known : {"models/", "tunedModels/"}) {
      if (!model.starts_with(known)) continue;
      folder = known;
      model.remove_prefix(known.size());
      break;
    }
    std::string out = "/";
    out.append(folder).append(percent_encoded(model));
    out += stream ? ":streamGenerateContent?alt=sse" : ":generateContent";
    return out;
  }
};

}  // namespace

const ProviderCodec& codec() {
  static const ProviderCodecOf<Pieces> instance;
  return instance;
}

}  // namespace tpool::protocol::gemini
