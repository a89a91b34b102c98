// Where words go: data to stdout, talk to stderr, and how each looks.
//
// With --json, stdout carries one document, errors are JSON and talk is silent. --quiet keeps data,
// warnings and errors. A reader that went away (EPIPE) ends the output without a word; any other
// write error is remembered for main. Main thread only.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace tpool::cli {

enum class Style { plain, bold, dim, good, bad, caution };

struct OutputMode {
  bool json = false;
  bool quiet = false;
  bool color_out = false;
  bool color_err = false;
  std::size_t columns = 0;  // of the terminal that stdout is; 0: none
};

// NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM=dumb and --color ("auto", "always", "never").
bool wants_color(std::string_view flag, int descriptor);

class Output {
 public:
  explicit Output(OutputMode mode, int out = 1, int err = 2) : mode_(mode), out_(out), err_(err) {}

  bool json() const { return mode_.json; }
  std::size_t columns() const { return mode_.columns; }
  void set_mode(OutputMode mode) { mode_ = mode; }

  void data(std::string_view text);      // stdout; a final newline is added when missing
  void document(std::string_view json);  // stdout; indented on a terminal
  void screen(std::string_view text);    // data, in place of all a terminal shows
  void say(std::string_view line);       // stderr, one line
  void next(std::string_view command);   // "next: tpool pool enable"
  void warn(std::string_view line);      // stderr, "warning: "
  void progress(std::string_view line);  // stderr, only to a terminal
  void error(const Error& error);        // stderr
  std::string paint(Style style, std::string_view text) const;  // for stdout

  // Whether nothing reaches stdout any more.
  bool gone() const { return out_gone_; }
  // The first failed write to stdout, "" when all went well or the reader left.
  const std::string& failure() const { return failure_; }

 private:
  void write_out(std::string_view text);
  void write_err(std::string_view text);
  std::string paint_err(Style style, std::string_view text) const;

  OutputMode mode_;
  int out_;
  int err_;
  bool out_gone_ = false;
  std::string failure_;
};

}  // namespace tpool::cli
