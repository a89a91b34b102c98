#include "core/protocol/gemini/codec.hpp"

#include "core/protocol/gemini/errors.hpp"
#include "core/protocol/gemini/events_decode.hpp"
#include "core/protocol/gemini/request.hpp"
#include "core/protocol/openai_error.hpp"
#include "core/protocol/provider_json.hpp"

namespace tpool::protocol::gemini {

namespace {

// Everything but RFC 3986's unreserved characters.
std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

class GeminiCodec : public ProviderCodec {
 public:
  // Lists name models "models/NAME" and tuned ones "tunedModels/NAME".
  std::string path(std::string_view model, bool stream) const override {
    std::string_view folder = "models/";
    for (const std::string_view known : {"models/", "tunedModels/"}) {
      if (!model.starts_with(known)) continue;
      folder = known;
      model.remove_prefix(known.size());
      break;
    }
    std::string out = "/";
    out.append(folder).append(escaped(model));
    out += stream ? ":streamGenerateContent?alt=sse" : ":generateContent";
    return out;
  }

  Encoded encode_request(const ir::Request& request, const Target& target) const override {
    return gemini::encode_request(request, target);
  }
  std::unique_ptr<EventDecoder> decoder(const ir::ToolNames& names,
                                        const Target& target) const override {
    return std::make_unique<Decoder>(names, target);
  }

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
    // A stream that nobody asked to be events is an array of its chunks.
    if (root.is_array()) {
      for (std::size_t i = 0; i < root.size(); ++i) decoder.take(root.at(i), events);
    } else {
      decoder.take(root, events);
    }
    decoder.end(events);
    return events;
  }

  ir::Failure decode_error(int status, std::string_view body) const override {
    return gemini::decode_error(status, body);
  }
};

}  // namespace

const ProviderCodec& codec() {
  static const GeminiCodec instance;
  return instance;
}

}  // namespace tpool::protocol::gemini
