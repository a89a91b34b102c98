#include "cli/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "cli/terminal.hpp"
#include "core/json/utf8.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

std::string_view code_of(Style style) {
  switch (style) {
    case Style::plain: return "";
    case Style::bold: return "\x1b[1m";
    case Style::dim: return "\x1b[2m";
    case Style::good: return "\x1b[32m";
    case Style::bad: return "\x1b[31m";
    case Style::caution: return "\x1b[33m";
  }
  return "";
}

std::string painted(bool color, Style style, std::string_view text) {
  if (!color || style == Style::plain || text.empty()) return std::string(text);
  return std::string(code_of(style)) + std::string(text) + "\x1b[0m";
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

// Words of providers and names in files must not steer the terminal; lines stay lines.
std::string shown(std::string_view text) {
  std::string lines;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines += (at > 0 ? "\n" : "") + json::printable(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// errno of the failed write, 0 when all was written.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::write(descriptor, text.data(), text.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return 0;
}

}  // namespace

bool wants_color(std::string_view flag, int descriptor) {
  if (flag == "always") return true;
  if (flag == "never" || is_set("NO_COLOR")) return false;
  const auto says = [](const char* name, std::string_view value) {
    const char* text = std::getenv(name);
    return text != nullptr && text == value;
  };
  if (is_set("CLICOLOR_FORCE") && !says("CLICOLOR_FORCE", "0")) return true;
  if (says("CLICOLOR", "0") || says("TERM", "dumb")) return false;
  return is_terminal(descriptor);
}

void Output::write_out(std::string_view text) {
  if (out_gone_) return;
  const int failed = write_all(out_, text);
  if (failed == 0) return;
  out_gone_ = true;
  if (failed != EPIPE) failure_ = describe_errno(failed);
}

void Output::write_err(std::string_view text) { write_all(err_, text); }

std::string Output::paint(Style style, std::string_view text) const {
  return painted(mode_.color_out, style, text);
}

std::string Output::paint_err(Style style, std::string_view text) const {
  return painted(mode_.color_err, style, text);
}

void Output::data(std::string_view text) {
  if (text.empty()) return;
  std::string whole(text);
  if (whole.back() != '\n') whole += '\n';
  write_out(whole);
}

void Output::document(std::string_view json) {
  data(is_terminal(out_) ? json::indented(json) : std::string(json));
}

void Output::screen(std::string_view text) {
  data(is_terminal(out_) ? "\x1b[H\x1b[2J" + std::string(text) : std::string(text));
}

void Output::say(std::string_view line) {
  if (mode_.json || mode_.quiet) return;
  write_err(std::string(line) + "\n");
}

void Output::next(std::string_view command) {
  if (!command.empty()) say(paint_err(Style::dim, "next: " + std::string(command)));
}

void Output::warn(std::string_view line) {
  if (mode_.json) return;
  write_err(paint_err(Style::caution, "warning:") + " " + shown(line) + "\n");
}

void Output::progress(std::string_view line) {
  if (is_terminal(err_)) say(paint_err(Style::dim, line));
}

void Output::error(const Error& error) {
  if (mode_.json) {
    std::string text;
    json::Writer writer(text);
    writer.begin_object().key("error").begin_object();
    writer.member("code", to_string(error.code));
    writer.member("message", json::replace_invalid_utf8(error.message));
    writer.member("hint", json::replace_invalid_utf8(error.hint));
    writer.end_object().end_object();
    write_err(text + "\n");
    return;
  }
  auto text = paint_err(Style::bad, "error:") + " " + shown(error.message) + "\n";
  if (!error.hint.empty()) text += paint_err(Style::bold, "hint:") + " " + shown(error.hint) + "\n";
  write_err(text);
}

}  // namespace tpool::cli
