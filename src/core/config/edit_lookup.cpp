#include "core/config/edit_lookup.hpp"

#include "core/config/edit.hpp"

namespace tpool::config {

Error no_such(const std::string& what, const std::string& name,
              const std::vector<std::string>& known) {
  std::string hint;
  for (const std::string& close : nearest(name, known))
    hint += (hint.empty() ? "did you mean " : " or ") + close;
  if (!hint.empty()) hint += "?";
  return not_found("there is no " + what + " " + name, std::move(hint));
}

Error no_provider(const Config& config, const std::string& id) {
  std::vector<std::string> known;
  for (const Provider& provider : config.providers) known.push_back(provider.id);
  Error error = no_such("provider", id, known);
  if (known.empty()) {
    error.message += "; there are none yet";
    error.hint = "tpool provider add (tpool provider presets lists the known ones)";
  } else if (error.hint.empty()) {
    error.hint = "tpool provider list shows them";
  }
  return error;
}

}  // namespace tpool::config
