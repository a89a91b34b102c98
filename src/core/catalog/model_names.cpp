#include "core/catalog/model_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "core/catalog/pool.hpp"

namespace tpool::catalog {
namespace {

constexpr std::array<std::string_view, 30> other_kinds{"embedding",   "embed",
                                                       "rerank",      "moderation",
                                                       "whisper",     "tts",
                                                       "dall-e",      "gpt-image",
                                                       "sora",        "transcribe",
                                                       "realtime",    "gpt-live",
                                                       "cogview",     "cogvideo",
                                                       "asr",         "stable-diffusion",
                                                       "flux",        "davinci-002",
                                                       "babbage-002", "gpt-audio",
                                                       "bge",         "computer-use-preview",
                                                       "guard",       "safeguard",
                                                       "imagen",      "veo",
                                                       "lyria",       "aqa",
                                                       "ocr",         "voxtral"};

std::string lowered(std::string_view text) {
  std::string result(text);
  for (auto& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// Whole words only: `asr` is in glm-asr-2512, not in glasrad.
bool has_word(std::string_view text, std::string_view word) {
  const auto boundary = [&](std::size_t at) {
    return at >= text.size() || std::isalnum(static_cast<unsigned char>(text[at])) == 0;
  };
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    if ((at == 0 || boundary(at - 1)) && (boundary(at + word.size()))) return true;
  }
  return false;
}

}  // namespace

std::string_view other_kind(std::string_view model_id) {
  const auto name = lowered(model_id);
  for (const auto kind : other_kinds)
    if (has_word(name, kind)) return kind;
  return {};
}

bool can_chat(std::string_view model_id) { return other_kind(model_id).empty(); }

Named strip_marker(std::string_view name) {
  Named result{std::string(name), false};
  const auto is_marker = [](std::string_view tail) {
    return tail.size() == 4 && tail[0] == '[' && tail[1] == '1' &&
           (tail[2] == 'm' || tail[2] == 'M') && tail[3] == ']';
  };
  while (result.name.size() > 4 &&
         is_marker(std::string_view(result.name).substr(result.name.size() - 4))) {
    result.name.resize(result.name.size() - 4);
    while (result.name.ends_with(' ')) result.name.pop_back();
    result.long_context = true;
  }
  return result;
}

}  // namespace tpool::catalog
