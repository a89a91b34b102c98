#include "core/connect/kept_entry.hpp"

#include "core/config/private_file.hpp"

namespace tpool::connect {

std::filesystem::path kept_entry_file(const config::Paths& paths) {
  return paths.cache / "codex_entry.json";
}

std::string kept_entry(const config::Paths& paths) {
  auto text = config::read_file(kept_entry_file(paths));
  return text ? std::move(*text) : std::string();
}

Result<> keep_entry(const config::Paths& paths, std::string_view entry) {
  if (kept_entry(paths) == entry) return {};
  if (auto made = config::make_private_folder(paths.cache); !made) return made.error();
  return config::replace_file(kept_entry_file(paths), entry);
}

}  // namespace tpool::connect
