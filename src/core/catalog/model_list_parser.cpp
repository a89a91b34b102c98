#include <algorithm>
#include <set>

#include "core/catalog/model_names.hpp"
#include "core/catalog/model_page.hpp"
#include "core/catalog/pool.hpp"
#include "core/json/value.hpp"
#include "core/percent.hpp"

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

// Objects keyed by id, as models.dev has them: nothing but objects, and no list beside them.
bool is_keyed(const json::Value& group) {
  if (!group.is_object() || group.size() == 0 || group["error"]) return false;
  for (std::size_t i = 0; i < group.size(); ++i)
    if (!group.member_at(i).is_object()) return false;
  return true;
}

// The list, wherever the shape keeps it: an array, or objects keyed by id.
json::Value find_list(const json::Value& root) {
  if (root.is_array()) return root;
  bool named = false;
  for (const auto* name : {"data", "models", "result"}) {
    const auto member = root[name];
    named = named || member;
    if (member.is_array()) return member;
    if (!member.is_object()) continue;
    for (const auto* inner : {"data", "models"})
      if (member[inner].is_array()) return member[inner];
    if (is_keyed(member)) return member;
  }
  return !named && is_keyed(root) ? root : json::Value();
}

bool holds(const json::Value& list, std::string_view word) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (list.at(i).string_or("") == word) return true;
  return false;
}

// What the list itself says against chatting with a model; lists that say nothing leave the name.
std::string reason_not(const json::Value& item, std::string_view id) {
  const auto methods = item["supportedGenerationMethods"];
  if (methods.is_array() && !holds(methods, "generateContent")) return "it does not generate text";
  for (const auto& outputs :
       {item["architecture"]["output_modalities"], item["supported_output_modalities"],
        item["output_modalities"], item["modalities"]["output"]})
    if (outputs.is_array() && outputs.size() > 0 && !holds(outputs, "text"))
      return "its output is " + std::string(outputs.at(0).string_or("not text"));
  if (item["capabilities"]["completion_chat"].boolean() == false ||
      item["supports_chat"].boolean() == false)
    return "it does not chat";
  const auto type = item["type"].string_or("");
  for (const std::string_view other :
       {"embedding", "embeddings", "image", "video", "audio", "rerank", "moderation", "transcribe"})
    if (type == other) return std::string(type);
  const auto status = item["status"].string_or("");
  if (status == "Shutdown" || status == "retired") return "it was shut down";
  return std::string(other_kind(id));
}

std::string next_of(const json::Value& root) {
  if (!root.is_object()) return {};
  for (const auto* name : {"nextPageToken", "next_page_token"})
    if (const auto token = root[name].string_or(""); !token.empty())
      return (name[4] == 'P' ? "pageToken=" : "page_token=") + percent_encoded(token);
  if (root["has_more"].boolean_or(false))
    if (const auto last = root["last_id"].string_or(""); !last.empty())
      return "after_id=" + percent_encoded(last);
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

Result<ModelPage> parse_model_page(std::string_view body) {
  if (body.starts_with("\xef\xbb\xbf")) body.remove_prefix(3);
  auto document = json::Document::parse(body, "model list");
  if (!document) return document.error();
  const auto root = document->root();
  const auto list = find_list(root);
  if (!list.is_array() && !list.is_object()) return not_a_list(root);
  if (list.size() > most_models)
    return invalid("the model list has more than 20,000 entries", "set the models to use by hand");
  ModelPage page;
  std::set<std::string, std::less<>> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto item = list.is_object() ? list.member_at(i) : list.at(i);
    auto id = list.is_object() ? list.name_at(i) : id_of(item);
    if (id.size() > resource_prefix.size() && id.starts_with(resource_prefix))
      id.remove_prefix(resource_prefix.size());
    if (usable(id) && seen.emplace(id).second)
      page.models.push_back({std::string(id), reason_not(item, id)});
  }
  if (page.models.empty() && list.size() > 0)
    return invalid("the model list has entries but none with an id, slug or name",
                   "check the base URL; a list of models can also be set by hand");
  page.next = next_of(root);
  return page;
}

Result<std::vector<std::string>> parse_model_list(std::string_view body) {
  auto page = parse_model_page(body);
  if (!page) return page.error();
  std::vector<std::string> ids;
  for (auto& model : page->models) ids.push_back(std::move(model.id));
  return ids;
}

}  // namespace tpool::catalog
