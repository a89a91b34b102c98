#include <algorithm>
#include <array>

#include "core/json/value.hpp"
#include "core/protocol/openai_error.hpp"

namespace tpool::protocol {

namespace {

constexpr std::size_t max_message = 600;
constexpr std::size_t max_read = std::size_t{64} << 10;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_key_char(char c) {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '*' || c == '.' || c == '~' ||
         c == '+' || c == '/' || c == '=';
}
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool same(std::string_view text, std::string_view lower_word) {
  return text.size() >= lower_word.size() &&
         std::equal(lower_word.begin(), lower_word.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
         });
}

std::size_t key_length(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_key_char(text[n])) ++n;
  // A sentence's full stop is not part of a key.
  while (n > 0 && (text[n - 1] == '.' || text[n - 1] == '/')) --n;
  return n;
}

constexpr std::array<std::string_view, 16> key_prefixes = {
    "sk-", "sk_",    "gsk_",  "xai-", "AIza", "hf_",  "ghp_", "github_pat_",
    "eyJ", "nvapi-", "pplx-", "r8_",  "fw_",  "csk-", "tp-",  "rk-"};

// Bytes of a credential at the start of `text`, 0 when there is none.
std::size_t credential_at(std::string_view text) {
  for (const std::string_view prefix : key_prefixes) {
    if (!text.starts_with(prefix)) continue;
    const std::size_t n = key_length(text);
    if (n >= prefix.size() + 6) return n;
  }
  return 0;
}

// Words that announce a credential; what follows them is one when it looks like it.
constexpr std::array<std::string_view, 7> announcements = {
    "bearer ", "api key provided: ", "api key: ", "api_key=", "api-key: ", "token: ", "key="};

bool looks_secret(std::string_view token) {
  return token.size() >= 8 && std::any_of(token.begin(), token.end(), [](char c) {
           return is_digit(c) || c == '*' || c == '_' || c == '-';
         });
}

// Tags out, and whole scripts and styles with them.
std::string strip_tags(std::string_view text) {
  std::string out;
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] != '<') {
      out += text[i++];
      continue;
    }
    const std::string_view rest = text.substr(i);
    const char next = rest.size() > 1 ? rest[1] : ' ';
    if (!is_alpha(next) && next != '/' && next != '!') {
      out += text[i++];
      continue;
    }
    std::size_t end = std::string_view::npos;
    for (const auto& [open, close] :
         {std::pair<std::string_view, std::string_view>{"<script", "</script>"},
          {"<style", "</style>"}}) {
      if (!same(rest, open)) continue;
      end = text.size();
      for (std::size_t at = rest.find("</"); at != std::string_view::npos;
           at = rest.find("</", at + 2)) {
        if (same(rest.substr(at), close)) {
          end = i + at + close.size();
          break;
        }
      }
    }
    if (end == std::string_view::npos) {
      const std::size_t close = text.find('>', i);
      end = close == std::string_view::npos ? text.size() : close + 1;
    }
    out += ' ';
    i = end;
  }
  return out;
}

// One number with its unit ("1m", "30.5s", "450ms", "20 seconds"); the bytes read, 0 for none.
std::size_t read_duration(std::string_view text, double& milliseconds) {
  std::size_t i = 0;
  double value = 0;
  double scale = 0;
  while (i < text.size() && i < 12 && (is_digit(text[i]) || (text[i] == '.' && scale == 0))) {
    if (text[i] == '.') {
      scale = 1;
    } else {
      value = value * 10 + (text[i] - '0');
      scale *= 10;
    }
    ++i;
  }
  if (i == 0) return 0;
  if (scale > 0) value /= scale;
  while (i < text.size() && text[i] == ' ') ++i;
  std::size_t end = i;
  while (end < text.size() && is_alpha(text[end])) ++end;
  const std::string_view unit = text.substr(i, end - i);
  double factor = 0;
  if (unit == "ms" || unit.starts_with("milli"))
    factor = 1;
  else if (unit == "s" || unit.starts_with("sec"))
    factor = 1000;
  else if (unit == "m" || unit.starts_with("min"))
    factor = 60'000;
  else if (unit == "h" || unit.starts_with("hour") || unit == "hr" || unit == "hrs")
    factor = 3'600'000;
  else if (unit == "d" || unit.starts_with("day"))
    factor = 86'400'000;
  if (factor == 0) return 0;
  milliseconds += value * factor;
  return end;
}

}  // namespace

std::optional<Milliseconds> wait_in_words(std::string_view text) {
  for (const std::string_view lead :
       {std::string_view("try again in "), std::string_view("retry after "),
        std::string_view("retry in "), std::string_view("in "), std::string_view("wait ")}) {
    for (std::size_t at = text.find(lead); at != std::string_view::npos;
         at = text.find(lead, at + 1)) {
      std::string_view rest = text.substr(at + lead.size());
      double total = 0;
      bool any = false;
      while (const std::size_t used = read_duration(rest, total)) {
        any = true;
        rest.remove_prefix(used);
        while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
      }
      if (any && total < 1e12) return Milliseconds(static_cast<std::int64_t>(total));
    }
    // Only the explicit phrases count once the sentence is not about waiting.
    if (lead == "retry in " && text.find("again") == std::string_view::npos &&
        text.find("retry") == std::string_view::npos && !text.starts_with("in ")) {
      return {};
    }
  }
  return {};
}

std::string mask_keys(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t i = 0;
  while (i < text.size()) {
    const bool word_start = i == 0 || !is_key_char(text[i - 1]) || text[i - 1] == '=';
    const std::string_view rest = text.substr(i);
    if (word_start) {
      if (const std::size_t n = credential_at(rest)) {
        out += "[key]";
        i += n;
        continue;
      }
      std::size_t lead = 0;
      for (const std::string_view word : announcements) {
        if (same(rest, word)) lead = word.size();
        if (lead != 0) break;
      }
      if (lead != 0) {
        std::size_t quote = lead;
        while (quote < rest.size() && (rest[quote] == '\'' || rest[quote] == '"')) ++quote;
        const std::size_t n = key_length(rest.substr(quote));
        if (looks_secret(rest.substr(quote, n))) {
          out += rest.substr(0, quote);
          out += "[key]";
          i += quote + n;
          continue;
        }
      }
    }
    out += text[i++];
  }
  return out;
}

std::string short_text(std::string_view text) {
  const std::string clean = json::replace_invalid_utf8(text.substr(0, max_read));
  const std::string plain = mask_keys(strip_tags(clean));
  std::string out;
  for (const char c : plain) {
    if (is_space(c) || static_cast<unsigned char>(c) < 0x20) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c;
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  if (out.size() > max_message) {
    std::size_t end = max_message;
    // Never half a character.
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
    out.resize(end);
    out += "...";
  }
  return out;
}

}  // namespace tpool::protocol
