#include "core/protocol/echo/markers.hpp"

#include <algorithm>
#include <charconv>

namespace tpool::protocol::echo {
namespace {

constexpr int max_markers = 128;
constexpr std::size_t npos = std::string_view::npos;
constexpr std::string_view spaces = " \t\r\n";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(spaces);
  if (first == npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

// Takes the first word off `text`, and the white space after it.
std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find_first_of(spaces));
  text = trim(text.substr(word.size()));
  return word;
}

std::optional<int> parse_int(std::string_view text, int low, int high) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < low || value > high) return std::nullopt;
  return value;
}

// "20ms", "2s" or plain seconds.
std::optional<Milliseconds> parse_duration(std::string_view text, int max_seconds) {
  int scale = 1000;
  if (text.ends_with("ms")) {
    scale = 1;
    text.remove_suffix(2);
  } else if (text.ends_with('s')) {
    text.remove_suffix(1);
  }
  const auto number = parse_int(text, 0, max_seconds * 1000 / scale);
  if (!number) return std::nullopt;
  return Milliseconds(std::int64_t{*number} * scale);
}

// Where the JSON object or array at the start of `text` ends; npos when it does not.
std::size_t json_end(std::string_view text) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return npos;
}

// Where the closing brackets of the marker stand whose inside starts at `begin`. Brackets inside
// JSON arguments do not close it.
std::size_t closing(std::string_view text, std::size_t begin) {
  std::string_view inside = trim(text.substr(begin));
  if (take_word(inside) == "call") {
    take_word(inside);
    if (!inside.empty() && (inside[0] == '{' || inside[0] == '[')) {
      const std::size_t from = static_cast<std::size_t>(inside.data() - text.data());
      const std::size_t end = json_end(text.substr(from));
      if (end != npos) {
        const std::size_t next = text.find_first_not_of(spaces, from + end);
        if (next != npos && text.substr(next, 2) == "]]") return next;
      }
    }
  }
  return text.find("]]", begin);
}

bool read_status(std::string_view rest, Markers& out) {
  const auto status = parse_int(take_word(rest), 400, 599);
  if (!status) return false;
  out.status = StatusMarker{*status};
  while (!rest.empty()) {
    const std::string_view option = take_word(rest);
    const std::size_t equals = option.find('=');
    if (equals == npos) return false;
    const std::string_view value = option.substr(equals + 1);
    if (option.substr(0, equals) == "retry-after") {
      out.status->retry_after = parse_duration(value, 86400);
      if (!out.status->retry_after) return false;
    } else if (option.substr(0, equals) == "code" && !value.empty()) {
      out.status->code = value;
    } else {
      return false;
    }
  }
  return true;
}

struct Known {
  std::string_view word;
  std::string_view form;
  bool (*read)(std::string_view rest, Markers& out);
};

constexpr Known known[] = {
    {"call", "[[call NAME INPUT]]",
     [](std::string_view rest, Markers& out) {
       const std::string_view tool = take_word(rest);
       if (tool.empty()) return false;
       out.calls.push_back({std::string(tool), std::string(rest)});
       return true;
     }},
    {"reason", "[[reason TEXT]]",
     [](std::string_view rest, Markers& out) {
       out.reason = rest;
       return !rest.empty();
     }},
    {"pace", "[[pace 20ms]], at most 60s",
     [](std::string_view rest, Markers& out) {
       const auto pace = parse_duration(rest, 60);
       out.pace = pace.value_or(Milliseconds(0));
       return pace.has_value();
     }},
    {"tokens", "[[tokens 500]], at most 100000",
     [](std::string_view rest, Markers& out) {
       out.tokens = parse_int(rest, 1, 100000);
       return out.tokens.has_value();
     }},
    {"status", "[[status 429 retry-after=2 code=NAME]], a status of 400 to 599", read_status},
    {"cut", "[[cut 3]], a number of pieces",
     [](std::string_view rest, Markers& out) {
       out.cut_after = parse_int(rest, 0, 1000000);
       return out.cut_after.has_value();
     }},
    {"silence", "[[silence]] or [[silence 3]]",
     [](std::string_view rest, Markers& out) {
       out.silent_after = parse_int(rest.empty() ? "0" : rest, 0, 1000000);
       return out.silent_after.has_value();
     }},
};

const Known* find_known(std::string_view word) {
  for (const Known& entry : known)
    if (entry.word == word) return &entry;
  return nullptr;
}

}  // namespace

Result<Markers> read_markers(std::string_view text) {
  Markers out;
  std::size_t at = 0;
  for (int count = 0; count < max_markers; ++count) {
    const std::size_t open = text.find("[[", at);
    if (open == npos) break;
    const std::size_t close = closing(text, open + 2);
    if (close == npos) break;
    out.text += text.substr(at, open - at);
    std::string_view inside = trim(text.substr(open + 2, close - open - 2));
    const Known* entry = find_known(take_word(inside));
    at = close + 2;
    if (!entry) {
      // Someone else's brackets: they stay, and a marker inside them still counts.
      out.text += "[[";
      at = open + 2;
    } else if (!entry->read(inside, out)) {
      const std::string_view marker =
          text.substr(open, std::min<std::size_t>(close + 2 - open, 80));
      return invalid("echo does not understand " + std::string(marker),
                     "Write it as " + std::string(entry->form));
    }
  }
  out.text += text.substr(at);
  out.text = trim(out.text);
  return out;
}

}  // namespace tpool::protocol::echo
