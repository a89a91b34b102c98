// The part of a response object that repeats its request.
#include <array>
#include <string_view>

#include "core/protocol/responses/events_encode.hpp"

namespace tpool::protocol::responses {
namespace {

struct Setting {
  std::string_view name;
  std::string_view usual;  // the protocol's default
  std::string_view kinds;  // a request's value is repeated when it is one of these; see kind_of
};

// What the protocol's schema wants to see, in its order. Nothing runs in the background or is
// stored here, and no tier is bought, whatever the request asked for.
constexpr std::array settings{
    Setting{"background", "false", ""},
    Setting{"frequency_penalty", "0", "n"},
    Setting{"instructions", "null", "sa"},
    Setting{"max_output_tokens", "null", "n"},
    Setting{"max_tool_calls", "null", "n"},
    Setting{"metadata", "{}", "o"},
    Setting{"parallel_tool_calls", "true", "b"},
    Setting{"presence_penalty", "0", "n"},
    Setting{"previous_response_id", "null", "s"},
    Setting{"prompt_cache_key", "null", "s"},
    Setting{"reasoning", R"({"effort":null,"summary":null})", "o"},
    Setting{"safety_identifier", "null", "s"},
    Setting{"service_tier", R"("default")", ""},
    Setting{"store", "false", ""},
    Setting{"temperature", "1", "n"},
    Setting{"text", R"({"format":{"type":"text"}})", "o"},
    Setting{"tool_choice", R"("auto")", "so"},
    Setting{"tools", "[]", "a"},
    Setting{"top_logprobs", "0", "n"},
    Setting{"top_p", "1", "n"},
    Setting{"truncation", R"("disabled")", "s"},
};

char kind_of(char first) {
  switch (first) {
    case '"': return 's';
    case '{': return 'o';
    case '[': return 'a';
    case 't':
    case 'f': return 'b';
    case 'n': return '0';
    default: return 'n';
  }
}

}  // namespace

void Encoder::write_settings(std::string& out) const {
  std::array<std::string_view, settings.size()> values;
  for (std::size_t i = 0; i < settings.size(); ++i) values[i] = settings[i].usual;
  if (context_.request != nullptr) {
    for (const json::Member& member : context_.request->members) {
      for (std::size_t i = 0; i < settings.size(); ++i) {
        if (settings[i].name != member.name) continue;
        const auto value =
            context_.request_body.substr(member.value.begin, member.value.end - member.value.begin);
        const bool fits = settings[i].kinds.find(kind_of(value.front())) != std::string_view::npos;
        values[i] = fits ? value : settings[i].usual;
        break;
      }
    }
  }
  for (std::size_t i = 0; i < settings.size(); ++i) {
    out += ",\"";
    out += settings[i].name;
    out += "\":";
    const auto begin = out.size();
    out += values[i];
    // An event is one line: a client may have laid out its request in several.
    if (values[i].data() != settings[i].usual.data())
      for (auto at = out.find_first_of("\r\n", begin); at != std::string::npos;
           at = out.find_first_of("\r\n", at))
        out[at] = ' ';
  }
}

}  // namespace tpool::protocol::responses
