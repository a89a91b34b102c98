// Where a key comes from: the --key-* options, a variable that is already set, or a person.
//
// A secret typed or piped in goes into the store (mode 0600); env, file and command leave only a
// reference there. Main thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "core/config/config.hpp"
#include "core/error.hpp"

namespace tpool::cli {

// --key-env, --key-file, --key-command, --key-stdin.
std::vector<Option> key_options();

struct KeyWish {
  std::string owner;          // "DeepSeek", for the question
  std::string customary_env;  // used when set and nothing else was said; may be empty
  std::string page;           // where keys are made; may be empty
  bool needed = true;         // false: no key is fine, as for local servers
  bool refusable = true;      // --no-key is there to say that none is
};

// Nullopt: no key. invalid when one is needed, none was given and nobody can be asked.
Result<std::optional<config::SecretRef>> read_key(Context& context, const KeyWish& wish);

// A command line as its words: quotes and backslashes as in a shell, nothing else of it.
Result<std::vector<std::string>> split_words(std::string_view line);

}  // namespace tpool::cli
