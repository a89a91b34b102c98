#include "core/catalog/model_lists.hpp"

#include <cerrno>
#include <system_error>

#include "core/config/private_file.hpp"
#include "core/config/validate.hpp"
#include "core/json/write.hpp"

namespace tpool::catalog {
namespace {

namespace fs = std::filesystem;

fs::path file_of(const config::Paths& paths, const std::string& provider) {
  return paths.model_lists() / (provider + ".json");
}

Result<> check_id(const std::string& provider) {
  if (config::is_provider_id(provider)) return {};
  return invalid("\"" + provider + "\" is not a provider id");
}

}  // namespace

Result<ModelLists> load_model_lists(const config::Paths& paths) {
  ModelLists lists;
  std::error_code failure;
  fs::directory_iterator files(paths.model_lists(), failure);
  if (failure == std::errc::no_such_file_or_directory) return lists;
  if (failure)
    return unavailable("cannot read " + paths.model_lists().string() + ": " + failure.message());
  for (const auto end = fs::directory_iterator(); files != end; files.increment(failure)) {
    const auto& file = files->path();
    const auto provider = file.stem().string();
    if (file.extension() != ".json" || !config::is_provider_id(provider)) continue;
    auto text = config::read_file(file);
    // Forgotten by another process between the listing and the reading.
    if (!text && text.error().code == Code::not_found) continue;
    if (!text) return text.error();
    auto models = parse_model_list(*text);
    if (!models)
      return corrupt(
          "the fetched model list " + file.string() + " is damaged: " + models.error().message,
          "remove the file; the list is fetched again when needed");
    lists.emplace(provider, std::move(*models));
  }
  if (failure)
    return unavailable("cannot read " + paths.model_lists().string() + ": " + failure.message());
  return lists;
}

Result<> save_model_list(const config::Paths& paths, const std::string& provider,
                         const std::vector<std::string>& models) {
  if (auto checked = check_id(provider); !checked) return checked.error();
  if (auto made = config::make_private_folder(paths.model_lists()); !made) return made.error();
  std::string text;
  json::Writer writer(text);
  writer.begin_object().member("provider", provider).key("models").begin_array();
  for (const auto& model : models) writer.string(model);
  writer.end_array().end_object();
  text += '\n';
  return config::replace_file(file_of(paths, provider), text);
}

Result<> forget_model_list(const config::Paths& paths, const std::string& provider) {
  if (auto checked = check_id(provider); !checked) return checked.error();
  std::error_code failure;
  fs::remove(file_of(paths, provider), failure);
  if (failure)
    return unavailable("cannot remove " + file_of(paths, provider).string() + ": " +
                       failure.message());
  return {};
}

}  // namespace tpool::catalog
