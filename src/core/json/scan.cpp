#include "core/json/scan.hpp"

#include <algorithm>

#include "core/json/walk.hpp"

namespace tpool::json {
namespace {

// The top-level members that mean something to routing.
enum class Top {
  other,
  model,
  stream,
  session,
  effort,
  reasoning,
  tools,
  input,
  messages,
  metadata,
  tier,
};

Top top_of(std::string_view name) {
  if (name == "model") return Top::model;
  if (name == "stream") return Top::stream;
  if (name == "prompt_cache_key") return Top::session;
  if (name == "reasoning_effort") return Top::effort;
  if (name == "reasoning") return Top::reasoning;
  if (name == "tools") return Top::tools;
  if (name == "input") return Top::input;
  if (name == "messages") return Top::messages;
  if (name == "metadata") return Top::metadata;
  if (name == "service_tier") return Top::tier;
  return Top::other;
}

// Told by the walker. Deep in the document only one thing is looked at: a member called "type".
class Gather {
 public:
  Gather(std::string_view body, Scan& out) : body_(body), out_(out) {}

  void key(const Token& token, std::size_t depth) {
    type_ = is(token, "type");
    if (depth > 3) return;
    key_ = token;
    if (depth == 1) {
      if (out_.members.size() == most_members) {
        crowded_ = true;
        out_.members.pop_back();
      }
      out_.members.push_back({unquoted(raw(token)), {}, {token.begin, 0}});
      top_ = top_of(out_.members.back().name);
    }
    effort_ = depth == 2 && top_ == Top::reasoning && is(token, "effort");
    priority_ = depth == 2 && top_ == Top::metadata && is(token, "priority");
    sealed_ = depth == 3 && input_array_ && is(token, "encrypted_content");
    id_ = depth == 3 && input_array_ && is(token, "id");
    role_ = depth == 3 && messages_array_ && is(token, "role");
  }

  void string(const Token& token, std::size_t depth) {
    if (type_ && !out_.images)
      out_.images = is(token, "input_image") || is(token, "image_url") || is(token, "image");
    if (type_ && depth == 3 && input_array_) {
      out_.compaction_trigger = out_.compaction_trigger || is(token, "compaction_trigger");
      compaction_ = is(token, "compaction");
      out_.compacted = out_.compacted || compaction_;
      if (compaction_ && sealed_here()) out_.sealed.back().compaction = true;
    }
    type_ = false;
    if (depth > 3) return;
    if (depth == 1) top_string(token);
    if (depth == 2 && effort_) out_.effort = unquoted(raw(token));
    if (depth == 2 && priority_) out_.priority = unquoted(raw(token));
    if (depth == 3 && sealed_) {
      const Range whole{key_.begin, token.end};
      out_.sealed.push_back({{token.begin, token.end}, whole, item_id_, compaction_});
      sealed_ = false;
    }
    if (depth == 3 && id_) {
      item_id_ = {key_.begin, token.end};
      if (sealed_here()) out_.sealed.back().id = item_id_;
      id_ = false;
    }
    if (depth == 3 && role_ && is(token, "developer"))
      out_.developers.push_back({token.begin, token.end});
    element(depth);
  }

  void other(const Token& token, std::size_t depth) {
    type_ = false;
    if (depth > 3) return;
    sealed_ = id_ = false;
    if (depth == 1) {
      end_member({token.begin, token.end});
      if (top_ == Top::stream)
        out_.stream = raw(token) == "true"    ? std::optional(true)
                      : raw(token) == "false" ? std::optional(false)
                                              : std::nullopt;
      if (top_ == Top::model) out_.model.reset();
    }
    element(depth);
  }

  void open(std::size_t begin, bool object, std::size_t depth) {
    type_ = false;
    if (depth > 3) return;
    sealed_ = id_ = false;
    element(depth);
    if (depth == 0) object_ = object;
    if (depth == 2) {
      item_begin_ = begin;
      item_id_ = {};
      compaction_ = false;
    }
    if (depth == 1) {
      begin_ = begin;
      input_array_ = top_ == Top::input && !object;
      tools_array_ = top_ == Top::tools && !object;
      messages_array_ = top_ == Top::messages && !object;
      if (top_ == Top::model) out_.model.reset();
    }
  }

  void close(std::size_t end, bool, std::size_t depth) {
    if (depth != 1) return;
    end_member({begin_, end});
    input_array_ = tools_array_ = messages_array_ = false;
  }

  bool object() const { return object_; }
  bool crowded() const { return crowded_; }

 private:
  std::string_view raw(const Token& token) const {
    return body_.substr(token.begin, token.end - token.begin);
  }
  bool is(const Token& token, std::string_view word) const {
    if (token.escaped) [[unlikely]]
      return unquoted(raw(token)) == word;
    return token.end - token.begin == word.size() + 2 &&
           std::memcmp(body_.data() + token.begin + 1, word.data(), word.size()) == 0;
  }
  void end_member(Range value) {
    if (!object_) return;
    out_.members.back().value = value;
    out_.members.back().whole.end = value.end;
  }
  void top_string(const Token& token) {
    end_member({token.begin, token.end});
    if (top_ == Top::model) out_.model = unquoted(raw(token));
    if (top_ == Top::session) out_.session = unquoted(raw(token));
    if (top_ == Top::effort) out_.effort = unquoted(raw(token));
    if (top_ == Top::tier) out_.service_tier = unquoted(raw(token));
  }
  // Whether the item being read is the one sealed last.
  bool sealed_here() const {
    return !out_.sealed.empty() && out_.sealed.back().value.begin > item_begin_;
  }
  void element(std::size_t depth) {
    if (depth == 2 && tools_array_) out_.tools = true;
  }

  std::string_view body_;
  Scan& out_;
  Top top_ = Top::other;
  Token key_;
  std::size_t begin_ = 0;
  bool object_ = false;
  bool crowded_ = false;
  bool type_ = false;
  bool effort_ = false;
  bool priority_ = false;
  bool sealed_ = false;
  bool input_array_ = false;
  bool tools_array_ = false;
  bool messages_array_ = false;
  bool role_ = false;
  bool id_ = false;
  std::size_t item_begin_ = 0;
  Range item_id_;
  bool compaction_ = false;
};

}  // namespace

Result<Scan> scan(std::string_view body) {
  Scan out;
  out.members.reserve(8);
  Gather gather(body, out);
  if (const auto fault = walk(body, gather)) return fault_error(body, "request body", *fault);
  if (!gather.object())
    return invalid("request body is not a JSON object", "Send one object: {\"model\": ...}");
  if (gather.crowded())
    return invalid("request body has more than " + std::to_string(most_members) + " members");
  return out;
}

Place place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  return {static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1,
          newline == std::string_view::npos ? before.size() + 1 : before.size() - newline};
}

}  // namespace tpool::json
