// One page of a provider's model list, in any of the shapes in the wild.
//
// {data:[{id}]}, {models:[...]} or {models:{id:{...}}}, a plain array of strings or objects,
// objects keyed by id; ids under id, slug, name or model, with Gemini's models/ taken off. Says of
// each whether it can chat, and else why not. Order kept, duplicates removed. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace tpool::catalog {

struct ListedModel {
  std::string id;
  std::string no_chat = {};  // "embedding", "its output is image"; empty: it chats
};

struct ModelPage {
  std::vector<ListedModel> models;
  std::string next = {};  // query of the next page, escaped; empty: this was the last
};

Result<ModelPage> parse_model_page(std::string_view body);

}  // namespace tpool::catalog
