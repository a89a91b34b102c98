#include <algorithm>

#include "core/connect/codex_pieces.hpp"
#include "core/connect/codex_text.hpp"

namespace tpool::connect {
namespace {

using config::Layout;
using config::Span;
using config::TextEdit;

// Where the text's last line begins.
std::size_t last_line(std::string_view text) {
  const auto end = text.find_last_of('\n');
  return end == std::string_view::npos ? 0 : end + 1;
}

std::string without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text);
}

class Taking {
 public:
  // `claim`: a table without a mark is ours all the same.
  Taking(std::string_view text, const Layout& layout, const TakeOut& how, const Layout* before,
         bool claim)
      : text_(text), layout_(layout), how_(how), before_layout_(before), claim_(claim) {
    if (how.snapshot) before_ = how.snapshot->text;
  }

  Result<TakenOut> take() {
    auto pieces = find_pieces(text_, layout_);
    for (auto& piece : pieces) piece.ours |= claim_;
    // A provider the user has switched to is theirs, and so is a name we did not write.
    const bool ours_in_charge = value_of("model_provider") == provider_name;
    if (ours_in_charge) restore("model_provider");
    restore_model(ours_in_charge);
    const auto catalog = value_of("model_catalog_json");
    if (catalog && (*catalog == how_.catalog_file || is_written("model_catalog_json")))
      restore("model_catalog_json");
    else if (!catalog && before_value("model_catalog_json") && !how_.snapshot->written.empty())
      put_back_dropped("model_catalog_json");
    take_pieces(pieces);
    insert_roots();
    TakenOut result;
    result.text = config::apply_edits(text_, std::move(edits_));
    restore_missing_line_end(result.text);
    result.changed = result.text != text_;
    result.notes = std::move(notes_);
    return result;
  }

 private:
  std::optional<std::string> value_of(std::string_view name) const {
    const auto* key = root_key(layout_, name);
    return key ? config::unquote(slice(text_, key->value)) : std::nullopt;
  }
  std::optional<std::string> before_value(std::string_view name) const {
    const auto* key = before_layout_ ? root_key(*before_layout_, name) : nullptr;
    if (!key) return std::nullopt;
    return std::string(slice(before_, key->value));
  }
  bool is_written(const std::string& name) const {
    const auto* key = root_key(layout_, name);
    if (!key || !how_.snapshot) return false;
    const auto found = how_.snapshot->written.find(name);
    return found != how_.snapshot->written.end() &&
           found->second.contains(std::string(slice(text_, key->value)));
  }

  void restore(std::string_view name) {
    const auto* key = root_key(layout_, name);
    if (const auto before = before_value(name))
      edits_.push_back({key->value, *before});
    else
      edits_.push_back({key->line, ""});
  }

  void restore_model(bool ours_in_charge) {
    const auto* key = root_key(layout_, "model");
    if (!key) return;
    const auto raw = slice(text_, key->value);
    const auto before = before_value("model");
    if (before == raw) return;
    const auto name = value_of("model");
    const bool chosen = ours_in_charge && name && how_.in_pool && how_.in_pool(*name);
    if (!is_written("model") && !chosen) {
      if (ours_in_charge && name)
        notes_.push_back("`model` stays " + std::string(raw) + ": it is not one of the pool's.");
      return;
    }
    restore("model");
  }

  // A key `--force` had taken away, unless the user has meanwhile edited it in elsewhere.
  void put_back_dropped(std::string_view name) {
    const auto* key = root_key(*before_layout_, name);
    new_roots_ += line_of(before_, key->line);
  }

  std::string line_of(std::string_view text, Span span) const {
    auto line = without_line_end(slice(text, span));
    return line + layout_.newline;
  }

  void take_pieces(const std::vector<Piece>& pieces) {
    const auto first =
        std::find_if(pieces.begin(), pieces.end(), [](const Piece& piece) { return piece.ours; });
    if (first == pieces.end()) return;
    const auto before_pieces =
        before_layout_ ? find_pieces(before_, *before_layout_) : std::vector<Piece>{};
    std::string headers;
    std::string members;
    for (const auto& piece : before_pieces) {
      const auto piece_text = slice(before_, piece.span);
      switch (piece.kind) {
        case Piece::Kind::header:
          headers += (headers.empty() ? "" : layout_.newline) + without_line_end(piece_text) +
                     layout_.newline;
          break;
        case Piece::Kind::root_key: new_roots_ += line_of(before_, piece.span); break;
        case Piece::Kind::table_key: put_back_below_parent(line_of(before_, piece.span)); break;
        case Piece::Kind::inline_member: members = piece_text; break;
      }
    }
    for (const auto& piece : pieces) {
      if (!piece.ours) continue;
      if (piece.kind == Piece::Kind::inline_member)
        take_member(piece, members);
      else if (&piece == &*first && !headers.empty())
        edits_.push_back({piece.span, headers});
      else
        edits_.push_back({with_gap(piece.span), ""});
    }
  }

  // The empty line that was put before the table goes with it.
  Span with_gap(Span span) const {
    const auto& newline = layout_.newline;
    const auto size = newline.size();
    const bool blank_before = span.begin >= size &&
                              text_.substr(span.begin - size, size) == newline &&
                              (span.begin == size || text_[span.begin - size - 1] == '\n');
    if (blank_before) span.begin -= size;
    return span;
  }

  void take_member(const Piece& piece, const std::string& members) {
    if (!members.empty()) {
      edits_.push_back({piece.span, members});
      return;
    }
    auto span = piece.span;
    if (span.begin > 0 && text_[span.begin - 1] == ' ') --span.begin;
    if (span.end < text_.size() && text_[span.end] == ',') ++span.end;
    edits_.push_back({span, ""});
  }

  void put_back_below_parent(const std::string& line) {
    const auto* parent = config::find_table(layout_, {"model_providers"});
    if (!parent) {
      const bool unended = !text_.empty() && text_.back() != '\n';
      edits_.push_back(
          {{text_.size(), text_.size()},
           (unended ? layout_.newline : "") + "[model_providers]" + layout_.newline + line});
      return;
    }
    const auto at = parent->keys.empty() ? parent->header.end : parent->keys.back().line.end;
    edits_.push_back({{at, at}, line});
  }

  void insert_roots() {
    if (new_roots_.empty()) return;
    const auto& root = layout_.tables.front();
    const auto at = root.keys.empty() ? root.body.begin : root.keys.back().line.end;
    edits_.push_back({{at, at}, new_roots_});
  }

  // Where the user's last line had no end and still is the last, it has none again.
  void restore_missing_line_end(std::string& result) const {
    if (before_.empty() || before_.ends_with('\n') || !result.ends_with('\n')) return;
    const auto bare = without_line_end(result);
    if (std::string_view(bare).substr(last_line(bare)) ==
        std::string_view(before_).substr(last_line(before_)))
      result = bare;
  }

  std::string_view text_;
  const Layout& layout_;
  const TakeOut& how_;
  const Layout* before_layout_;
  bool claim_;
  std::string before_;
  std::string new_roots_;
  std::vector<TextEdit> edits_;
  std::vector<std::string> notes_;
};

// A table that lost its mark by hand still holds the token we wrote, and the user's had another.
bool holds_our_token(const CodexFacts& facts, const TakeOut& how) {
  if (facts.ours || facts.token.empty() || !how.snapshot || how.snapshot->ours.empty())
    return false;
  const auto written = read_codex(how.snapshot->ours.front());
  const auto users = read_codex(how.snapshot->text);
  return written && users && written->token == facts.token && users->token != facts.token;
}

// Whether anything of ours is in force here; without it every value is the user's own.
bool is_wired(const CodexFacts& facts, const TakeOut& how) {
  const bool dangling = facts.model_provider == provider_name && !facts.provider;
  return facts.ours || dangling ||
         (facts.model_catalog_json && *facts.model_catalog_json == how.catalog_file);
}

}  // namespace

Result<TakenOut> take_out(std::string_view text, const TakeOut& how) {
  if (how.snapshot) {
    const auto& ours = how.snapshot->ours;
    if (text == how.snapshot->text) return TakenOut{std::string(text)};
    if (std::find(ours.begin(), ours.end(), text) != ours.end())
      return TakenOut{how.snapshot->text, true};
  }
  auto facts = read_codex(text);
  if (!facts) return facts.error();
  const bool claim = holds_our_token(*facts, how);
  if (!claim && !is_wired(*facts, how)) return TakenOut{std::string(text)};
  const auto layout = config::layout(text);
  if (!layout) return layout.error();
  if (!how.snapshot) return Taking(text, *layout, how, nullptr, claim).take();
  const auto before = config::layout(how.snapshot->text);
  if (!before) return before.error();
  return Taking(text, *layout, how, &*before, claim).take();
}

}  // namespace tpool::connect
