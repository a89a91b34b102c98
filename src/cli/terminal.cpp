#include "cli/terminal.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "core/json/utf8.hpp"

namespace tpool::cli {
namespace {

volatile sig_atomic_t caught = 0;

// While alive, the signals that end a program only note themselves, so that a prompt can put the
// terminal back before it gives up. Stopping is held back for the same reason.
class PromptSignals {
 public:
  PromptSignals() {
    caught = 0;
    struct sigaction note {};
    note.sa_handler = [](int number) { caught = number; };
    sigemptyset(&note.sa_mask);
    for (std::size_t i = 0; i < ending.size(); ++i) sigaction(ending[i], &note, &before_[i]);
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGTSTP, &ignore, &stop_);
  }
  PromptSignals(const PromptSignals&) = delete;
  PromptSignals& operator=(const PromptSignals&) = delete;
  ~PromptSignals() {
    for (std::size_t i = 0; i < ending.size(); ++i) sigaction(ending[i], &before_[i], nullptr);
    sigaction(SIGTSTP, &stop_, nullptr);
  }

 private:
  static constexpr std::array ending{SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  std::array<struct sigaction, ending.size()> before_{};
  struct sigaction stop_ {};
};

class SilentTerminal {
 public:
  SilentTerminal() {
    active_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!active_) return;
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    active_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (active_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool active_ = false;
};

void write_prompt(std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::write(STDERR_FILENO, text.data(), text.size());
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

Result<std::string> read_line() {
  constexpr std::size_t limit = 64 * 1024;
  std::string line;
  char byte = 0;
  while (caught == 0) {
    const auto got = ::read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    if (byte == '\n') return line;
    if (line.size() == limit) return invalid("the answer is longer than 64 KiB");
    line += byte;
  }
  if (caught == 0 && !line.empty()) return line;
  return Error{Code::cancelled, "cancelled"};
}

struct Block {
  char32_t first, last;
};

bool within(char32_t point, const Block* blocks, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (point >= blocks[i].first && point <= blocks[i].last) return true;
  return false;
}

constexpr std::array zero_width{
    Block{0x300, 0x36f},    Block{0x483, 0x489},   Block{0x591, 0x5bd},   Block{0x610, 0x61a},
    Block{0x64b, 0x65f},    Block{0x200b, 0x200f}, Block{0x202a, 0x202e}, Block{0x2060, 0x2064},
    Block{0x20d0, 0x20f0},  Block{0xfe00, 0xfe0f}, Block{0xfe20, 0xfe2f}, Block{0xfeff, 0xfeff},
    Block{0xe0100, 0xe01ef}};
constexpr std::array double_width{
    Block{0x1100, 0x115f},   Block{0x2e80, 0x303e},  Block{0x3041, 0x33ff}, Block{0x3400, 0x4dbf},
    Block{0x4e00, 0x9fff},   Block{0xa000, 0xa4cf},  Block{0xac00, 0xd7a3}, Block{0xf900, 0xfaff},
    Block{0xfe30, 0xfe4f},   Block{0xff00, 0xff60},  Block{0xffe0, 0xffe6}, Block{0x1f300, 0x1f64f},
    Block{0x1f900, 0x1f9ff}, Block{0x20000, 0x3fffd}};

}  // namespace

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

std::size_t terminal_columns(int descriptor) {
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::size_t display_width(std::string_view text) {
  const auto clean = json::replace_invalid_utf8(text);
  std::size_t width = 0;
  for (std::size_t at = 0; at < clean.size();) {
    const auto point = json::next_point(clean, at);
    if (within(point, zero_width.data(), zero_width.size())) continue;
    width += within(point, double_width.data(), double_width.size()) ? 2 : 1;
  }
  return width;
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view indent) {
  std::string result, line;
  const auto flush = [&] {
    if (!line.empty()) result += std::string(indent) + line + "\n";
    line.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_of(" \n", at), text.size());
    const auto word = text.substr(at, end - at);
    if (!line.empty() && display_width(line) + 1 + display_width(word) > width) flush();
    if (!word.empty()) line += (line.empty() ? "" : " ") + std::string(word);
    const bool paragraph = text.substr(end).starts_with("\n\n");
    if (paragraph) {
      flush();
      result += "\n";
    }
    at = end + (paragraph ? 2 : 1);
  }
  flush();
  return result;
}

Result<std::string> ask_line(std::string_view prompt) {
  PromptSignals signals;
  write_prompt(prompt);
  auto line = read_line();
  if (!line) write_prompt("\n");
  return line;
}

Result<bool> ask_yes_no(std::string_view question, bool fallback) {
  const auto prompt = std::string(question) + (fallback ? " [Y/n] " : " [y/N] ");
  for (;;) {
    const auto answer = ask_line(prompt);
    if (!answer) return answer.error();
    if (answer->empty()) return fallback;
    if (*answer == "y" || *answer == "Y" || *answer == "yes") return true;
    if (*answer == "n" || *answer == "N" || *answer == "no") return false;
  }
}

Result<config::Secret> ask_secret(std::string_view prompt) {
  PromptSignals signals;
  Result<std::string> line = Error{};
  {
    SilentTerminal silent;
    write_prompt(prompt);
    line = read_line();
  }
  write_prompt("\n");
  if (!line) return line.error();
  return config::Secret(std::move(*line));
}

Result<std::string> read_stdin(std::size_t limit) {
  std::string text;
  std::array<char, 16 * 1024> chunk;
  for (;;) {
    const auto got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unavailable("stdin cannot be read: " + describe_errno(errno));
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
    if (text.size() > limit)
      return invalid("stdin holds more than " + std::to_string(limit) + " bytes");
  }
}

}  // namespace tpool::cli
