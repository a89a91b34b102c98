#include <algorithm>
#include <map>

#include "core/config/toml.hpp"
#include "core/config/toml_draft.hpp"
#include "core/config/toml_entry.hpp"

namespace tpool::config {
namespace {

using Entries = std::vector<TomlEntry>;

// Which entry of `after` continues which entry of `before`.
struct Matching {
  std::vector<std::size_t> kept;                   // before's indices, in after's order
  std::vector<std::optional<std::size_t>> source;  // for each of after: before's index
  std::vector<std::size_t> removed;                // before's indices
};

Matching match(const Entries& before, const Entries& after) {
  Matching matching;
  matching.source.resize(after.size());
  std::vector<bool> taken(before.size(), false);
  for (std::size_t i = 0; i < after.size(); ++i)
    for (std::size_t j = 0; j < before.size(); ++j)
      if (!taken[j] && before[j].identity == after[i].identity) {
        matching.source[i] = j;
        taken[j] = true;
        break;
      }
  // A new name in the same place of a list of the same length is a rename.
  if (before.size() == after.size())
    for (std::size_t i = 0; i < after.size(); ++i)
      if (!matching.source[i] && !taken[i]) {
        matching.source[i] = i;
        taken[i] = true;
      }
  for (std::size_t j = 0; j < before.size(); ++j)
    if (!taken[j]) matching.removed.push_back(j);
  for (const auto& source : matching.source)
    if (source) matching.kept.push_back(*source);
  return matching;
}

// The order of keys: those of the entry itself, then those of its tables.
std::vector<std::string> key_order(const std::vector<TomlField>& fields) {
  std::vector<std::string> names;
  for (const std::size_t depth : {0, 1})
    for (const TomlField& field : fields)
      if (field.path.size() > depth &&
          std::find(names.begin(), names.end(), field.path[depth]) == names.end())
        names.push_back(field.path[depth]);
  return names;
}

class Rewriter {
 public:
  explicit Rewriter(TomlDraft& draft) : draft_(draft) {}

  Result<> change(const Place& place, const std::string& header, const TomlEntry& before,
                  const TomlEntry& after) {
    const auto changed = change_fields(place, before, after);
    if (!changed) return changed.error();
    std::vector<std::string> ranks;
    for (const auto& list : after.lists) ranks.push_back(list.first);
    for (std::size_t i = 0; i < after.lists.size(); ++i) {
      const std::string& name = after.lists[i].first;
      const std::string inner = header.empty() ? name : header + "." + name;
      const auto listed =
          change_list(place / name, inner, before.lists[i].second, after.lists[i].second, ranks);
      if (!listed) return listed.error();
    }
    return {};
  }

 private:
  Result<> change_fields(const Place& place, const TomlEntry& before, const TomlEntry& after) {
    const auto order = key_order(after.fields);
    std::map<KeyPath, const TomlField*> old;
    for (const TomlField& field : before.fields) old[field.path] = &field;
    // Removals first, so that a key's sources never stand side by side.
    std::map<KeyPath, const TomlField*> fresh;
    for (const TomlField& field : after.fields) fresh[field.path] = &field;
    for (const TomlField& field : before.fields) {
      const auto now = fresh.find(field.path);
      if (!field.value || (now != fresh.end() && (now->second->value || now->second->fallback)))
        continue;
      const auto removed = draft_.remove(place / field.path);
      if (!removed) return removed.error();
    }
    for (const TomlField& field : after.fields) {
      const auto was = old.find(field.path);
      if (was != old.end() && was->second->value == field.value) continue;
      const Place at = place / field.path;
      Result<> done;
      if (field.value)
        done = draft_.set(at, *field.value, order);
      else if (field.fallback && draft_.has(at))
        done = draft_.set(at, *field.fallback, order);
      if (!done) return done.error();
    }
    return {};
  }

  Result<> change_list(const Place& list, const std::string& header, const Entries& before,
                       const Entries& after, const std::vector<std::string>& ranks) {
    const Matching matching = match(before, after);
    std::vector<std::size_t> present(before.size());
    for (std::size_t i = 0; i < present.size(); ++i) present[i] = i;
    for (auto index = matching.removed.rbegin(); index != matching.removed.rend(); ++index) {
      const auto removed = draft_.remove_entry(list, *index);
      if (!removed) return removed.error();
      present.erase(present.begin() + static_cast<std::ptrdiff_t>(*index));
    }
    const auto ordered = reorder(list, std::move(present), matching.kept, ranks);
    if (!ordered) return ordered.error();
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (matching.source[i]) continue;
      const std::string text = draft_.is_inline_list(list)
                                   ? inline_text(after[i])
                                   : block_text(after[i], header, draft_.newline());
      const auto inserted = draft_.insert_entry(list, i, text, ranks);
      if (!inserted) return inserted.error();
    }
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (!matching.source[i]) continue;
      const auto changed = change(list / i, header, before[*matching.source[i]], after[i]);
      if (!changed) return changed.error();
    }
    return {};
  }

  // Moves entries until `present` reads like `wanted`, with one move where one is enough.
  Result<> reorder(const Place& list, std::vector<std::size_t> present,
                   const std::vector<std::size_t>& wanted, const std::vector<std::string>& ranks) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (present[i] == wanted[i]) continue;
      const auto to = static_cast<std::size_t>(std::find(wanted.begin(), wanted.end(), present[i]) -
                                               wanted.begin());
      auto moved = present;
      std::rotate(moved.begin() + static_cast<std::ptrdiff_t>(i),
                  moved.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                  moved.begin() + static_cast<std::ptrdiff_t>(to) + 1);
      if (moved == wanted) return move(list, i, to, ranks);
      const auto from = static_cast<std::size_t>(
          std::find(present.begin(), present.end(), wanted[i]) - present.begin());
      const auto done = move(list, from, i, ranks);
      if (!done) return done.error();
      std::rotate(present.begin() + static_cast<std::ptrdiff_t>(i),
                  present.begin() + static_cast<std::ptrdiff_t>(from),
                  present.begin() + static_cast<std::ptrdiff_t>(from) + 1);
    }
    return {};
  }

  Result<> move(const Place& list, std::size_t from, std::size_t to,
                const std::vector<std::string>& ranks) {
    const auto text = draft_.remove_entry(list, from);
    if (!text) return text.error();
    return draft_.insert_entry(list, to, *text, ranks);
  }

  TomlDraft& draft_;
};

bool says_nothing(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\xEF\xBB\xBF") == std::string_view::npos;
}

}  // namespace

Result<std::string> rewrite(std::string_view text, const Config& before, const Config& after) {
  if (before == after) return std::string(text);
  auto draft = TomlDraft::open(says_nothing(text) ? "version = 1\n" : std::string(text));
  if (!draft) return draft.error();
  const auto changed = Rewriter(*draft).change({}, "", entry_of(before), entry_of(after));
  if (!changed) return changed.error();
  // The one net under all of the above: the new text must mean the new Config, or it is dropped.
  const auto again = parse(draft->text(), "the edited store");
  if (!again || *again != after)
    return Error{Code::internal,
                 "this edit cannot be made in the store's text as it is written" +
                     (again ? std::string() : " (" + again.error().message + ")"),
                 "write lists as [[provider]] and [[provider.key]] blocks, or make this edit by "
                 "hand; nothing was changed"};
  return draft->text();
}

}  // namespace tpool::config
