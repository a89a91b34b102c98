// A provider's own events behind heartbeats of ours.
#include <algorithm>

#include "core/json/scan.hpp"
#include "core/json/splice.hpp"
#include "core/json/write.hpp"
#include "core/protocol/responses/events_encode.hpp"

namespace tpool::protocol::responses {
namespace {

const json::Member* member_of(const json::Scan& scan, std::string_view name) {
  const auto found = std::ranges::find(scan.members, name, &json::Member::name);
  return found == scan.members.end() ? nullptr : &*found;
}

std::string_view text_of(std::string_view data, const json::Member* member) {
  if (member == nullptr) return {};
  return data.substr(member->value.begin, member->value.end - member->value.begin);
}

}  // namespace

void Encoder::adopt(const SseEvent& event, std::string& out) {
  if (done_) return;
  const auto scan = json::scan(event.data);
  // What is no object is no event either; a client would stumble over it anywhere else, too.
  if (!scan) return;
  const auto type = text_of(event.data, member_of(*scan, "type"));
  if (type == "\"response.created\"" || type == "\"response.queued\"" ||
      type == "\"response.in_progress\"")
    return;
  adopted_ = true;
  json::Splice splice;
  if (const auto* number = member_of(*scan, "sequence_number"))
    splice.replace(number->value, std::to_string(sequence_++));
  if (const auto* response = member_of(*scan, "response")) {
    const auto inner = text_of(event.data, response);
    const auto members = json::scan(inner);
    const auto* id = members ? member_of(*members, "id") : nullptr;
    if (id != nullptr && text_of(inner, member_of(*members, "store")) != "true") {
      const auto begin = response->value.begin;
      std::string ours;
      json::append_quoted(ours, id_);
      splice.replace({begin + id->value.begin, begin + id->value.end}, std::move(ours));
    }
  }
  auto text = splice.text(event.data);
  // Line breaks between the tokens of an event in several lines.
  std::ranges::replace(text, '\n', ' ');
  append_event(out, event.name, text);
  done_ = type == "\"response.completed\"" || type == "\"response.incomplete\"" ||
          type == "\"response.failed\"" || type == "\"response.done\"" || type == "\"error\"";
}

}  // namespace tpool::protocol::responses
