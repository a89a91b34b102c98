// A custom tool's input out of JSON arguments: the same text however the arguments arrive, always
// valid, and what was wrapped comes back.
#include <string>

#include "core/json/utf8.hpp"
#include "core/protocol/tool_input.hpp"
#include "fuzz.hpp"

using namespace tpool;
using fuzz::require;

namespace {

std::string unwrapped(std::string_view arguments, std::size_t at) {
  protocol::InputUnwrapper unwrapper;
  std::string out;
  fuzz::in_pieces(arguments, at, [&](std::string_view piece) { unwrapper.feed(piece, out); });
  unwrapper.finish(out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text(data, size);
  if (json::find_invalid_utf8(text) != std::string_view::npos) return 0;
  const auto whole = unwrapped(text, size + 1);
  require(json::find_invalid_utf8(whole) == std::string_view::npos, "an input is valid UTF-8");
  fuzz::for_every_split(text, [&](std::size_t at) {
    require(unwrapped(text, at) == whole, "however the arguments arrive, the input is the same");
  });
  require(unwrapped(protocol::wrap_input(text), size + 100) == text, "what was wrapped comes back");
  return 0;
}
