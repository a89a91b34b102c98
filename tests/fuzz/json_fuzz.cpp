// JSON: scan and parser agree on what is an object, and splices change only what they name.
#include "core/json/scan.hpp"
#include "core/json/signatures.hpp"
#include "core/json/splice.hpp"
#include "core/json/value.hpp"
#include "fuzz.hpp"

using namespace tpool;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = fuzz::text(data, size);
  for (const auto& found : {json::request_signatures(body), json::answer_signatures(body)})
    for (const auto& one : found)
      require(one.block.begin < one.value.begin && one.value.end < one.block.end &&
                  one.block.end <= size && one.siblings > 0 && body[one.value.begin] == '"',
              "a signature lies in its block, and that in the body");
  const auto document = json::Document::parse(body);
  const auto scan = json::scan(body);
  if (document) {
    require(json::depth_ok(body), "what parses is not too deep");
    const auto again = json::Document::parse(document->root().text());
    require(again.has_value(), "what is written parses");
    require(again->root().text() == document->root().text(), "what is written stays as it is");
  }
  // A number too large for a double passes as it came, and cannot be read.
  if (!document && document.error().message.find("out of range") != std::string::npos) return 0;
  const bool object = document && document->root().is_object();
  require(scan.has_value() == (object && document->root().size() <= json::most_members),
          "scan takes exactly the objects of so many members");
  if (!scan) {
    json::place_of(body, size);
    return 0;
  }
  require(scan->members.size() == document->root().size(), "scan sees every member");
  json::Splice same;
  for (const auto& member : scan->members) {
    require(member.whole.begin <= member.value.begin && member.value.begin < member.value.end &&
                member.value.end <= size && member.whole.end <= size,
            "ranges lie in the body");
    same.replace(member.value, std::string(body.substr(member.value.begin,
                                                       member.value.end - member.value.begin)));
  }
  require(same.text(body) == body, "a value replaced by itself leaves every byte");
  for (std::size_t i = 0; i < scan->members.size() && i < 8; ++i) {
    json::Splice less;
    less.remove_member(body, scan->members[i].whole);
    less.append_member(body, "added", "1");
    const auto text = less.text(body);
    const auto left = json::Document::parse(text);
    require(left.has_value() && left->root().size() == scan->members.size(),
            "one member less and one more is an object still");
  }
  json::Splice none;
  for (const auto& member : scan->members) none.remove_member(body, member.whole);
  const auto text = none.text(body);
  const auto empty = json::Document::parse(text);
  require(empty.has_value() && empty->root().size() == 0, "without its members it is empty");
  for (const auto& sealed : scan->sealed)
    require(sealed.value.end <= size && sealed.whole.end <= size && sealed.id.end <= size,
            "sealed ranges lie in the body");
  return 0;
}
