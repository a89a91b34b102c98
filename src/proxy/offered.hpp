// The model lists a client is shown, in the shapes clients ask for: of everybody, or, for one that
// may use some models only, of those.
//
// Texts, made once per revision of the store. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/catalog/pool.hpp"

namespace tpool::proxy {

struct Offered {
  std::string codex_catalog;  // valid and empty when nothing is listed
  std::string etag;           // of the catalog, with quotes
  std::string openai_list;    // the listed names
  std::string openai_all;     // hidden ones too
};

Offered offer(const catalog::Pool& pool, std::string_view catalog_template,
              const config::Client* client);

}  // namespace tpool::proxy
