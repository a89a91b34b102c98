// Heads of HTTP messages: what is taken is well formed, and its views lie in its bytes.
#include "proxy/net/head.hpp"

#include "fuzz.hpp"

using namespace tpool;
using fuzz::require;

namespace {

bool inside(std::string_view part, const std::string& raw) {
  return part.empty() ||
         (part.data() >= raw.data() && part.data() + part.size() <= raw.data() + raw.size());
}

void check(const net::Head& head) {
  require(head.fields.size() <= net::max_fields, "no more fields than allowed");
  require(!(head.chunked && head.length), "one framing, not two");
  for (const auto& field : head.fields) {
    require(inside(field.name, head.raw) && inside(field.value, head.raw), "views lie in the head");
    require(!field.name.empty(), "a field has a name");
    require(field.name.find_first_of(" \t\r\n:") == std::string_view::npos, "a name is a token");
    require(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
            "no line break and no NUL inside a value");
  }
  require(head.count("content-length") <= 1, "one length");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text(data, size);
  const auto end = net::find_head_end(bytes, 0);
  require(end <= size, "a head ends inside what holds it");
  // Found in two steps as in one.
  fuzz::for_every_split(bytes, [&](std::size_t at) {
    if (at > size || at > 256) return;
    const auto early = net::find_head_end(bytes.substr(0, at), 0);
    require((early ? early : net::find_head_end(bytes, at)) == end, "a head ends where it ends");
  });
  if (end == 0) return 0;
  net::Head request;
  request.raw.assign(bytes, 0, end);
  if (net::parse_request(request)) {
    check(request);
    require(inside(request.method, request.raw) && inside(request.target, request.raw),
            "views lie in the head");
    require(request.target.find_first_of(" \r\n") == std::string_view::npos,
            "a target is one word");
  }
  net::Head answer;
  answer.raw.assign(bytes, 0, end);
  if (net::parse_answer(answer)) {
    check(answer);
    require(answer.status >= 100 && answer.status <= 999, "a status has three digits");
  }
  const auto safe = net::field_value(bytes);
  for (const char c : safe) require(c >= ' ' && c <= '~', "a value is visible ASCII");
  return 0;
}
