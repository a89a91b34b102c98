// The door to the logging library: one process-wide logger to stderr.
//
// Log once, where a thing is decided. Never a secret, a body or a header value above debug. Any
// thread. Arguments are formatted only when the level is on.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace tpool::log {

enum class Level { debug, info, warn, error, off };

// invalid naming the levels for any other spelling.
Result<Level> parse_level(std::string_view text);
void set_level(Level level);
bool enabled(Level level);

void debug(std::string_view text);
void info(std::string_view text);
void warn(std::string_view text);
void error(std::string_view text);

}  // namespace tpool::log
