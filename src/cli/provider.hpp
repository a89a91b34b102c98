// The verbs of `tpool provider`, spread over files by what they do; provider.cpp is their tree.
#pragma once

#include <string>
#include <vector>

#include "cli/context.hpp"
#include "core/catalog/model_page.hpp"
#include "core/config/config.hpp"
#include "core/config/edit.hpp"
#include "core/error.hpp"

namespace tpool::cli {

Result<> provider_add(Context& context);   // provider_add.cpp
Result<> provider_list(Context& context);  // provider_show.cpp
Result<> provider_show(Context& context);
Result<> provider_presets(Context& context);
Result<> provider_edit(Context& context);  // provider_edit.cpp
Result<> provider_rename(Context& context);
Result<> provider_remove(Context& context);
Result<> provider_enable(Context& context);
Result<> provider_disable(Context& context);
Result<> provider_move(Context& context);
Result<> provider_test(Context& context);    // provider_test.cpp
Result<> provider_models(Context& context);  // provider_models.cpp
Result<> provider_models_fetch(Context& context);
Result<> provider_models_sync(Context& context);
Result<> provider_import(Context& context);  // provider_transfer.cpp
Result<> provider_export(Context& context);

// The options that `provider add` and `provider edit` share, as fields of an edit.
Result<config::ProviderFields> read_fields(const Arguments& args);

// A provider's own list; `remember` keeps what can chat in the state directory.
Result<std::vector<catalog::ListedModel>> fetch_list(Context& context, const config::Config& config,
                                                     const std::string& provider, bool remember);

// One small call to a provider with its key; shared by `add` and `test`.
struct KeyTest {
  bool reached = false;    // false: nothing answered at all, perhaps we are offline
  std::string error = {};  // empty: it works
  bool unauthorized = false;
  std::vector<std::string> models = {};  // fetched and remembered; empty: it has no list
  std::string model = {};                // the one called
  std::int64_t total_ms = 0;
};
KeyTest test_key(Context& context, const config::Config& config, const std::string& provider);

}  // namespace tpool::cli
