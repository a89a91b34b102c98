#include "core/connect/codex_files.hpp"

#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/config/private_file.hpp"
#include "core/config/toml.hpp"
#include "core/json/utf8.hpp"

namespace tpool::connect {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view catalog_start = R"({"object":"list","data":[)";
constexpr unsigned owner_alone = 07700;

std::string octal(unsigned mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

Error broken(const fs::path& file, const std::string& why) {
  return corrupt(file.string() + " is not valid TOML: " + why,
                 "mend it and run this again; nothing was written");
}

}  // namespace

CodexFiles::CodexFiles(const fs::path& home)
    : config(home / "config.toml"),
      profile(home / "tpool.config.toml"),
      catalog(home / "tpool-models.json") {}

Result<FileText> read_text(const fs::path& file) {
  FileText result;
  result.file = file;
  auto resolved = config::resolve_links(file);
  if (!resolved) return resolved.error();
  result.resolved = resolved->lexically_normal();
  auto text = config::read_file(file);
  if (text) {
    result.existed = true;
    result.text = std::move(*text);
    struct stat info {};
    if (::stat(file.c_str(), &info) == 0) result.mode = info.st_mode & 07777;
  } else if (text.error().code != Code::not_found) {
    return text.error();
  }
  return result;
}

Result<FileText> read_toml(const fs::path& file) {
  auto result = read_text(file);
  if (!result) return result;
  if (json::find_invalid_utf8(result->text) != std::string_view::npos)
    return broken(file, "it is not UTF-8");
  if (auto valid = config::check_syntax(result->text, file.string()); !valid)
    return broken(file, valid.error().message);
  return result;
}

FileChange change_of(const FileText& file, std::string after) {
  return {file.file, file.text, std::move(after), file.existed, false, file.mode, file.mode};
}

void keep_others_out(const FileText& file, const std::optional<Snapshot>& old, FileChange& change,
                     Snapshot& snapshot, Plan& plan) {
  change.new_mode = file.mode & owner_alone;
  if (snapshot.existed) snapshot.mode = file.mode;
  // As we left it.
  if (old && old->mode && file.mode == (*old->mode & owner_alone)) snapshot.mode = old->mode;
  if (change.new_mode != file.mode)
    plan.notes.push_back(file.file.string() + " will hold a token: its mode " + octal(file.mode) +
                         " becomes " + octal(change.new_mode) + " until it is taken out.");
}

void let_others_in(const FileText& file, const std::optional<Snapshot>& kept, FileChange& change) {
  if (kept && kept->mode && file.mode == (*kept->mode & owner_alone)) change.new_mode = *kept->mode;
}

bool is_our_catalog(std::string_view text) { return text.starts_with(catalog_start); }

std::function<bool(std::string_view)> pool_names(const catalog::Pool* pool) {
  if (!pool) return [](std::string_view name) { return name.find('/') != std::string_view::npos; };
  return [pool](std::string_view name) {
    if (pool->resolve(name)) return true;
    const auto slash = name.find('/');
    if (slash == std::string_view::npos || !pool->config) return false;
    const auto& providers = pool->config->providers;
    return std::any_of(providers.begin(), providers.end(), [&](const config::Provider& provider) {
      return provider.id == name.substr(0, slash);
    });
  };
}

std::string base_url_for(std::string_view listen) {
  const auto colon = listen.rfind(':');
  auto host = std::string(listen.substr(0, colon));
  const auto port = colon == std::string_view::npos ? std::string_view() : listen.substr(colon);
  if (host.empty() || host == "0.0.0.0" || host == "*" || host == "[::]") host = "127.0.0.1";
  return "http://" + host + std::string(port) + "/v1";
}

Result<fs::path> codex_home(const std::optional<fs::path>& override_path) {
  const auto full = [](const fs::path& path) -> Result<fs::path> {
    std::error_code failure;
    auto result = fs::absolute(path, failure).lexically_normal();
    if (failure) return unavailable("cannot resolve " + path.string() + ": " + failure.message());
    return result;
  };
  if (override_path && !override_path->empty()) return full(*override_path);
  if (const char* home = std::getenv("CODEX_HOME"); home != nullptr && *home != '\0')
    return full(home);
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return full(fs::path(home) / ".codex");
  return invalid("neither CODEX_HOME nor HOME says where Codex keeps its files",
                 "name the folder with --codex-home");
}

}  // namespace tpool::connect
