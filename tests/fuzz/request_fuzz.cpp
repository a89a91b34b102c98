// Requests of every protocol to every other: refused in words, or said as valid JSON.
#include "codecs.hpp"
#include "core/json/value.hpp"
#include "fuzz.hpp"

using namespace tpool;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = fuzz::text(data, size);
  const protocol::Target target{"fuzz", "model"};
  for (const auto* from : fuzz::clients()) {
    const auto request = from->decode_request(body);
    if (!request) {
      require(!request.error().message.empty(), "a refusal says why");
      continue;
    }
    require(json::Document::parse(body).has_value(), "a request is JSON");
    for (const auto* to : fuzz::providers()) {
      to->path(request->model, true);
      const auto encoded = to->encode_request(*request, target);
      require(json::Document::parse(encoded.body).has_value(), "what is sent is JSON");
      require(to->encode_request(*request, target).body == encoded.body,
              "the same request is said in the same words");
      for (const auto& [name, value] : encoded.headers)
        require(name.find_first_of("\r\n: ") == std::string::npos &&
                    value.find_first_of("\r\n") == std::string::npos,
                "nothing breaks out of a header");
      const auto line = ir::summary(encoded.losses);
      for (const char c : line) require(c >= ' ' && c <= '~', "losses fit into a header");
    }
  }
  return 0;
}
