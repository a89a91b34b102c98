#include "core/types.hpp"

#include <array>
#include <utility>

namespace tpool {
namespace {

constexpr std::array protocols{
    std::pair{Protocol::responses, std::string_view{"responses"}},
    std::pair{Protocol::chat, std::string_view{"chat"}},
    std::pair{Protocol::messages, std::string_view{"messages"}},
    std::pair{Protocol::gemini, std::string_view{"gemini"}},
    std::pair{Protocol::echo, std::string_view{"echo"}},
};

constexpr std::array auths{
    std::pair{Auth::bearer, std::string_view{"bearer"}},
    std::pair{Auth::x_api_key, std::string_view{"x-api-key"}},
    std::pair{Auth::x_goog_api_key, std::string_view{"x-goog-api-key"}},
    std::pair{Auth::none, std::string_view{"none"}},
};

template <class Table, class Value>
std::string_view spell(const Table& table, Value value) {
  for (const auto& [item, text] : table)
    if (item == value) return text;
  return "unknown";
}

template <class Table>
auto read(const Table& table, std::string_view text)
    -> std::optional<typename Table::value_type::first_type> {
  for (const auto& [item, spelling] : table)
    if (spelling == text) return item;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Protocol protocol) { return spell(protocols, protocol); }
std::optional<Protocol> parse_protocol(std::string_view text) { return read(protocols, text); }
std::string_view to_string(Auth auth) { return spell(auths, auth); }
std::optional<Auth> parse_auth(std::string_view text) { return read(auths, text); }
std::string_view to_string(Lane lane) { return lane == Lane::relay ? "relay" : "translate"; }

}  // namespace tpool
