// What a provider lists, and public documents, fetched outside any running serve.
//
// Blocks; any thread but an I/O one.
#pragma once

#include <string>
#include <vector>

#include "core/catalog/model_page.hpp"
#include "core/config/config.hpp"
#include "core/error.hpp"

namespace tpool::proxy {

// The provider's own list, every page of it: GET {base_url}/models, or where its preset says.
Result<std::vector<catalog::ListedModel>> fetch_models(const config::Config& config,
                                                       const std::string& provider);

// The body of one public document over https, through the proxy of the settings; sends no
// credentials and follows no redirect. At most 16 MiB.
Result<std::string> fetch_document(const config::Config& config, const std::string& url);

}  // namespace tpool::proxy
