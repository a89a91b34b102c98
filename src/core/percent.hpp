// Text in a URL: every byte that is not a letter, a digit or one of -._~ as %XX (RFC 3986). Any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace tpool {

std::string percent_encoded(std::string_view text);

}  // namespace tpool
