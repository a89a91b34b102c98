#include "proxy/inbound/continuation.hpp"

#include <algorithm>

#include "core/json/splice.hpp"
#include "core/json/value.hpp"

namespace tpool::inbound {
namespace {

const json::Member* find(const json::Scan& scan, std::string_view name) {
  // Of duplicates the last one counts, as it does for most readers.
  const auto found = std::find_if(scan.members.rbegin(), scan.members.rend(),
                                  [&](const json::Member& member) { return member.name == name; });
  return found == scan.members.rend() ? nullptr : &*found;
}

std::string_view text_of(const json::Member& member, std::string_view body) {
  return body.substr(member.value.begin, member.value.end - member.value.begin);
}

}  // namespace

std::string previous_of(const json::Scan& scan, std::string_view body) {
  const auto* member = find(scan, "previous_response_id");
  if (!member) return {};
  const auto id = json::Document::parse(text_of(*member, body));
  return id ? std::string(id->root().string_or("")) : std::string();
}

bool wants_keeping(const json::Scan& scan, std::string_view body) {
  const auto* member = find(scan, "store");
  return !member || text_of(*member, body) != "false";
}

std::string own_items(const json::Scan& scan, std::string_view body) {
  const auto* input = find(scan, "input");
  return input ? protocol::items_of_input(text_of(*input, body)) : std::string();
}

std::string with_history(const json::Scan& scan, std::string_view body, std::string_view items) {
  const auto own = own_items(scan, body);
  std::string all = "[";
  all.append(items);
  if (!items.empty() && !own.empty()) all += ',';
  all.append(own).append("]");
  json::Splice splice;
  if (const auto* id = find(scan, "previous_response_id")) splice.remove_member(body, id->whole);
  if (const auto* input = find(scan, "input"))
    splice.replace(input->value, std::move(all));
  else
    splice.append_member(body, "input", all);
  return splice.text(body);
}

ir::Failure not_continued(const Error& error) {
  ir::Failure failure;
  failure.kind = ir::Failure::Kind::invalid_request;
  failure.status = 400;
  failure.message = error.message;
  if (error.code == Code::not_found) failure.code = "previous_response_not_found";
  failure.param = "previous_response_id";
  if (!error.hint.empty() && error.code != Code::not_found) failure.message += ": " + error.hint;
  return failure;
}

void TurnKeeper::keep() {
  if (!transcript_.complete()) return;
  keep(turns_, std::move(turn_));
  if (others_) keep(*others_, std::move(whole_));
}

void TurnKeeper::keep(cache::Turns& turns, cache::Turn turn) const {
  turn.id = transcript_.id();
  if (!turn.items.empty() && !transcript_.items().empty()) turn.items += ',';
  turn.items += transcript_.items();
  turns.keep(std::move(turn), life_);
}

}  // namespace tpool::inbound
