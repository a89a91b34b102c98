#include "core/protocol/tool_input.hpp"

#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::protocol {

namespace {

// The only shape whose text can be passed on before its end; white space between is allowed.
constexpr std::string_view head = "{\"input\":\"";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void append_code_point(unsigned c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// Arguments that were not {"input": "..."}: the one string in them, or all of them as they are.
std::string take_whole(const std::string& text) {
  const auto parsed = json::Document::parse(text, "tool arguments");
  if (!parsed) return text;
  const json::Value root = parsed->root();
  if (const auto value = root.string()) return std::string(*value);
  if (const auto value = root["input"].string()) return std::string(*value);
  if (root.is_object() && root.size() == 1) {
    if (const auto value = root.member_at(0).string()) return std::string(*value);
  }
  return text;
}

}  // namespace

std::string_view custom_schema() {
  return R"({"type":"object","properties":{"input":{"type":"string","description":)"
         R"("The whole input of the tool, as plain text."}},)"
         R"("required":["input"],"additionalProperties":false})";
}

std::string custom_description(const ir::Tool& tool) {
  std::string text = tool.description;
  if (!text.empty()) text += "\n\n";
  text += "Call it with one member, `input`: the tool's whole input as plain text, not JSON.";
  if (tool.format.empty()) return text;
  const auto parsed = json::Document::parse(tool.format, "tool format");
  if (!parsed) return text;
  const auto definition = parsed->root()["definition"].string();
  if (!definition || definition->empty()) return text;
  text += " The text must match this ";
  text += parsed->root()["syntax"].string_or("");
  text += " grammar:\n";
  text += *definition;
  return text;
}

std::string wrap_input(std::string_view input) {
  std::string out;
  out.reserve(input.size() + 16);
  json::Writer writer(out);
  writer.begin_object().member("input", input).end_object();
  return out;
}

void InputUnwrapper::feed(std::string_view piece, std::string& out) {
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const char c = piece[i];
    switch (state_) {
      case State::head: feed_head(c); break;
      case State::text: {
        // Runs without escapes are most of any text: take them at once.
        const std::size_t stop = piece.find_first_of("\\\"", i);
        const std::size_t end = stop == std::string_view::npos ? piece.size() : stop;
        if (end > i) {
          flush_surrogate(out);
          out.append(piece.substr(i, end - i));
        }
        if (stop == std::string_view::npos) return;
        i = stop;
        if (piece[i] == '\\') {
          state_ = State::escape;
        } else {
          flush_surrogate(out);
          held_ = '"';
          state_ = State::after;
        }
        break;
      }
      case State::escape: feed_escape(c, out); break;
      case State::unicode:
        if (!feed_unicode(c, out)) --i;
        break;
      case State::after:
        if (is_space(c)) {
          held_ += c;
        } else if (c == '}' || c == ',') {
          state_ = State::done;
        } else {
          // A quote the model forgot to escape: it belongs to the text.
          out += held_;
          held_.clear();
          state_ = State::text;
          --i;
        }
        break;
      case State::whole: held_.append(piece.substr(i)); return;
      case State::done: return;
    }
  }
}

void InputUnwrapper::feed_head(char c) {
  held_ += c;
  // Between tokens, never inside the name.
  const bool between = head_at_ <= 1 || head_at_ >= 8;
  if (between && is_space(c)) return;
  if (c != head[head_at_]) {
    state_ = State::whole;
    return;
  }
  if (++head_at_ == head.size()) {
    held_.clear();
    state_ = State::text;
  }
}

// The character after a backslash.
void InputUnwrapper::feed_escape(char c, std::string& out) {
  state_ = State::text;
  if (c == 'u') {
    state_ = State::unicode;
    unit_ = 0;
    digits_ = 0;
    held_.clear();
    return;
  }
  flush_surrogate(out);
  switch (c) {
    case 'n': out += '\n'; break;
    case 't': out += '\t'; break;
    case 'r': out += '\r'; break;
    case 'b': out += '\b'; break;
    case 'f': out += '\f'; break;
    case '"':
    case '\\':
    case '/': out += c; break;
    default:
      // Not an escape of JSON: the model meant both characters.
      out += '\\';
      out += c;
  }
}

// False when `c` was no hex digit and is still to be read.
bool InputUnwrapper::feed_unicode(char c, std::string& out) {
  const int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
  if (digit < 0) {
    flush_surrogate(out);
    out += "\\u";
    out += held_;
    held_.clear();
    state_ = State::text;
    return false;
  }
  held_ += c;
  unit_ = unit_ * 16 + static_cast<unsigned>(digit);
  if (++digits_ < 4) return true;
  held_.clear();
  state_ = State::text;
  if (unit_ >= 0xDC00 && unit_ <= 0xDFFF && high_ != 0) {
    append_code_point(0x10000 + ((high_ - 0xD800) << 10) + (unit_ - 0xDC00), out);
    high_ = 0;
    return true;
  }
  flush_surrogate(out);
  if (unit_ >= 0xD800 && unit_ <= 0xDBFF) {
    high_ = unit_;
  } else {
    append_code_point(unit_ >= 0xDC00 && unit_ <= 0xDFFF ? 0xFFFD : unit_, out);
  }
  return true;
}

void InputUnwrapper::flush_surrogate(std::string& out) {
  if (high_ == 0) return;
  append_code_point(0xFFFD, out);
  high_ = 0;
}

void InputUnwrapper::finish(std::string& out) {
  if (state_ == State::head || state_ == State::whole) out += take_whole(held_);
  flush_surrogate(out);
  held_.clear();
  state_ = State::done;
}

bool restore_tool(const ir::ToolNames& names, std::string_view wire, ir::BlockStart& call) {
  const auto* known = names.find(wire);
  if (known == nullptr) {
    call.name = wire;
    return false;
  }
  call.tool = known->kind;
  call.name = known->name;
  call.space = known->space;
  return known->kind == ir::ToolKind::custom;
}

}  // namespace tpool::protocol
