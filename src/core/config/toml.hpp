// The store's text and the Config value, both ways. The only door to toml11.
//
// parse() reads strictly: a wrong type or an unknown enum value is an error with file, line and
// column; keys we do not know are kept in the text, and told where somebody asks. rewrite() turns
// the difference of two Configs into edits at spans of the text, so comments, blank lines, order,
// line endings and unknown keys outside them stay; its result parses to `after` exactly, or it
// answers an error. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.hpp"
#include "core/error.hpp"

namespace tpool::config {

// `name` is what errors call the file. A newer `version` is refused (invalid). `unknown` gets one
// sentence for each key that is not ours.
Result<Config> parse(std::string_view text, const std::string& name,
                     std::vector<std::string>* unknown = nullptr);

Result<std::string> rewrite(std::string_view text, const Config& before, const Config& after);

// The message with line and column if `text` is not valid TOML at all, for files not ours.
Result<> check_syntax(std::string_view text, const std::string& name);

}  // namespace tpool::config
