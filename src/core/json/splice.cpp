#include "core/json/splice.hpp"

#include <algorithm>

#include "core/json/write.hpp"

namespace tpool::json {
namespace {

constexpr std::string_view spaces = " \t\r\n";

// Offset of the last byte before `offset` that is not white space; npos when there is none.
std::size_t before(std::string_view body, std::size_t offset) {
  return body.substr(0, offset).find_last_not_of(spaces);
}

}  // namespace

void Splice::replace(Range range, std::string text) {
  edits_.push_back({Kind::replace, range, std::move(text)});
}

void Splice::remove_member(std::string_view, Range whole) {
  edits_.push_back({Kind::remove, whole, {}});
}

void Splice::append_member(std::string_view body, std::string_view name, std::string_view json) {
  const std::size_t brace = body.rfind('}');
  std::string text;
  Writer(text).string(name);
  text += ':';
  text += json;
  edits_.push_back({Kind::append, {brace, brace}, std::move(text)});
}

// Gives each removal its comma, and each appended member the one it needs.
void Splice::settle(std::string_view body) {
  if (settled_) return;
  settled_ = true;
  const auto earlier = [](const Edit& a, const Edit& b) { return a.range.begin < b.range.begin; };
  // Sorting takes a buffer; one or two edits mostly come in order.
  if (!std::is_sorted(edits_.begin(), edits_.end(), earlier))
    std::stable_sort(edits_.begin(), edits_.end(), earlier);
  for (std::size_t i = 0; i < edits_.size(); ++i) {
    Range& range = edits_[i].range;
    if (edits_[i].kind == Kind::remove) {
      const std::size_t next = body.find_first_not_of(spaces, range.end);
      if (next != std::string_view::npos && body[next] == ',') {
        range.end = next + 1;
        continue;
      }
      // The last member: the comma before it goes. Removals right before it hold theirs already,
      // so the comma is the one before the first of that run.
      std::size_t first = i;
      std::size_t comma = before(body, range.begin);
      while (first > 0 && edits_[first - 1].kind == Kind::remove &&
             edits_[first - 1].range.end == comma + 1)
        comma = before(body, edits_[--first].range.begin);
      if (comma != std::string_view::npos && body[comma] == ',') edits_[first].range.begin = comma;
    } else if (edits_[i].kind == Kind::append) {
      std::size_t first = i;
      std::size_t last = before(body, range.begin);
      bool appended = false;
      for (; first > 0; --first) {
        const Edit& edit = edits_[first - 1];
        if (edit.kind == Kind::append) appended = true;
        if (edit.kind != Kind::remove || edit.range.end != last + 1) break;
        last = before(body, edit.range.begin);
      }
      if (appended || (last != std::string_view::npos && body[last] != '{'))
        edits_[i].text.insert(0, 1, ',');
    }
  }
}

std::vector<std::string_view> Splice::pieces(std::string_view body) {
  settle(body);
  std::vector<std::string_view> out;
  out.reserve(edits_.size() * 2 + 1);
  const auto add = [&out](std::string_view piece) {
    if (!piece.empty()) out.push_back(piece);
  };
  std::size_t at = 0;
  for (const Edit& edit : edits_) {
    add(body.substr(at, edit.range.begin - at));
    add(edit.text);
    at = edit.range.end;
  }
  add(body.substr(at));
  return out;
}

std::string Splice::text(std::string_view body) {
  std::string out;
  for (const std::string_view piece : pieces(body)) out += piece;
  return out;
}

}  // namespace tpool::json
