#include "core/json/signatures.hpp"

#include "core/json/walk.hpp"

namespace tpool::json {

namespace {

// Blocks are told by how deep they lie: `depth` is that of their members.
class Finder {
 public:
  Finder(std::string_view body, std::size_t depth) : body_(body), depth_(depth) {}

  void key(const Token& token, std::size_t depth) {
    if (depth == depth_) key_ = token;
  }

  void string(const Token& token, std::size_t depth) {
    if (depth + 1 == depth_) ++elements_;
    if (depth != depth_) return;
    if (says(key_, "\"type\"")) {
      thinking_ = says(token, "\"thinking\"");
      redacted_ = says(token, "\"redacted_thinking\"");
    } else if (says(key_, "\"signature\"")) {
      signature_ = {token.begin, token.end};
    } else if (says(key_, "\"data\"")) {
      data_ = {token.begin, token.end};
    }
  }

  void other(const Token&, std::size_t depth) {
    if (depth + 1 == depth_) ++elements_;
  }

  void open(std::size_t begin, bool object, std::size_t depth) {
    if (depth + 2 == depth_) {
      ++list_;
      elements_ = 0;
      first_ = found.size();
    }
    if (depth + 1 != depth_) return;
    ++elements_;
    begin_ = begin;
    thinking_ = redacted_ = false;
    signature_ = data_ = {};
    object_ = object;
  }

  void close(std::size_t end, bool, std::size_t depth) {
    if (depth + 1 == depth_ && object_) {
      const Range value = thinking_ ? signature_ : redacted_ ? data_ : Range{};
      if (value.end > 0) found.push_back({{begin_, end}, value, list_, 0});
      object_ = false;
    }
    if (depth + 2 == depth_)
      for (std::size_t i = first_; i < found.size(); ++i) found[i].siblings = elements_;
  }

  std::vector<Signature> found;

 private:
  bool says(const Token& token, std::string_view quoted) const {
    return body_.substr(token.begin, token.end - token.begin) == quoted;
  }

  std::string_view body_;
  std::size_t depth_;
  Token key_;
  Range signature_;
  Range data_;
  std::size_t begin_ = 0;
  std::size_t list_ = 0;
  std::size_t elements_ = 0;
  std::size_t first_ = 0;
  bool object_ = false;
  bool thinking_ = false;
  bool redacted_ = false;
};

std::vector<Signature> find(std::string_view body, std::size_t depth) {
  Finder finder(body, depth);
  if (walk(body, finder)) return {};
  return std::move(finder.found);
}

}  // namespace

std::vector<Signature> request_signatures(std::string_view body) { return find(body, 5); }
std::vector<Signature> answer_signatures(std::string_view body) { return find(body, 3); }

}  // namespace tpool::json
