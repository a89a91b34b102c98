#include <algorithm>
#include <set>

#include "core/catalog/pool.hpp"
#include "core/json/value.hpp"

namespace tpool::catalog {
namespace {

constexpr std::size_t most_models = 20'000;
constexpr std::size_t longest_id = 512;
// Gemini's lists name a resource; requests and people use what follows.
constexpr std::string_view resource_prefix = "models/";

std::string_view id_of(const json::Value& item) {
  if (const auto text = item.string()) return *text;
  for (const auto* name : {"id", "slug", "name", "model"})
    if (const auto text = item[name].string(); text && !text->empty()) return *text;
  return {};
}

bool usable(std::string_view id) {
  return !id.empty() && id.size() <= longest_id &&
         std::none_of(id.begin(), id.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

// The array of the list, wherever the shape keeps it.
json::Value find_list(const json::Value& root) {
  if (root.is_array()) return root;
  for (const auto* name : {"data", "models", "result"}) {
    const auto member = root[name];
    if (member.is_array()) return member;
    if (!member.is_object()) continue;
    for (const auto* inner : {"data", "models"})
      if (member[inner].is_array()) return member[inner];
  }
  return {};
}

Error not_a_list(const json::Value& root) {
  const auto error = root["error"];
  auto said = error.string_or(error["message"].string_or(root["message"].string_or("")));
  if (said.size() > 300) said = said.substr(0, json::find_invalid_utf8(said.substr(0, 300)));
  if (!said.empty())
    return invalid(
        "the provider answered an error in place of its model list: " + std::string(said),
        "check the key and the base URL");
  return invalid("the provider's answer is not a model list",
                 "check the base URL; a list of models can also be set by hand");
}

}  // namespace

Result<std::vector<std::string>> parse_model_list(std::string_view body) {
  if (body.starts_with("\xef\xbb\xbf")) body.remove_prefix(3);
  auto document = json::Document::parse(body, "model list");
  if (!document) return document.error();
  const auto root = document->root();
  const auto list = find_list(root);
  if (!list.is_array()) return not_a_list(root);
  if (list.size() > most_models)
    return invalid("the model list has more than 20,000 entries", "set the models to use by hand");
  std::vector<std::string> ids;
  std::set<std::string, std::less<>> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto id = id_of(list.at(i));
    if (id.size() > resource_prefix.size() && id.starts_with(resource_prefix))
      id.remove_prefix(resource_prefix.size());
    if (usable(id) && seen.emplace(id).second) ids.emplace_back(id);
  }
  if (ids.empty() && list.size() > 0)
    return invalid("the model list has entries but none with an id, slug or name",
                   "check the base URL; a list of models can also be set by hand");
  return ids;
}

}  // namespace tpool::catalog
