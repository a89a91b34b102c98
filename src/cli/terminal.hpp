// The person's side: whether there is a terminal, questions, secrets typed without echo, widths.
//
// A prompt goes to stderr and its answer comes from stdin. Signals during a prompt restore the
// terminal first. Main thread only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/config/secret.hpp"
#include "core/error.hpp"

namespace tpool::cli {

bool is_terminal(int descriptor);

// How wide the terminal is; 0 where there is none, or it does not say.
std::size_t terminal_columns(int descriptor);

// Columns `text` takes on a terminal: wide characters two, combining ones none.
std::size_t display_width(std::string_view text);

// `text` broken at spaces into lines of at most `width` columns, each behind `indent`.
std::string wrapped(std::string_view text, std::size_t width, std::string_view indent);

// cancelled on Ctrl-C, Ctrl-D or end of input.
Result<std::string> ask_line(std::string_view prompt);
Result<bool> ask_yes_no(std::string_view question, bool fallback);
Result<config::Secret> ask_secret(std::string_view prompt);

// Whole stdin, at most `limit` bytes; invalid when there is more.
Result<std::string> read_stdin(std::size_t limit);

}  // namespace tpool::cli
