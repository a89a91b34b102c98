// What a command is, as data: the parser, help, man page and completions all read these structs.
//
// A Command is a group (has children, no handler) or a leaf (has a handler). Values are plain; the
// tree is built once by commands() and never changes.
#pragma once

#include <string>
#include <vector>

#include "core/error.hpp"

namespace tpool::cli {

class Context;
using Handler = Result<> (*)(Context&);

// What a shell may offer in a place.
enum class Completes {
  nothing,
  provider,
  preset,
  model,
  own_model,  // a model of the store's, not a slug
  alias,
  developer,
  rule,
  client,
  budget,   // of the scope before it
  spender,  // who may have a budget of that scope
  tag,
  key,
  setting,
  program,  // that connect knows
  file,
  folder
};

struct Example {
  std::string line;  // without "tpool"
  std::string what;
};

struct Positional {
  std::string name;  // "PROVIDER"
  std::string help;
  bool required = true;
  bool repeats = false;
  Completes completes = Completes::nothing;
  std::vector<std::string> choices = {};
};

// The choices of an option that is switched on or off.
inline const std::vector<std::string> yes_or_no{"yes", "no"};

struct Option {
  std::string name;   // "--key-env"
  std::string value;  // "VAR"; empty: a flag
  std::string help;
  bool repeats = false;
  Completes completes = Completes::nothing;
  std::vector<std::string> choices = {};
  std::string short_name = {};  // "-y"
};

// edits: changes something, gets --dry-run. prints: data on stdout, has a --json form.
enum class Effect { edits, prints, acts };

struct Command {
  std::string name;
  std::string summary;           // one line, no full stop
  std::string description = {};  // paragraphs separated by blank lines
  std::vector<Example> examples = {};
  std::vector<Positional> positionals = {};
  std::vector<Option> options = {};
  Effect effect = Effect::acts;
  Handler handler = nullptr;
  std::vector<Command> children = {};
  std::string default_child = {};
  bool hidden = false;

  const Command* child(std::string_view word) const;
};

}  // namespace tpool::cli
