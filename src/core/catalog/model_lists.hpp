// The model lists last fetched from providers, one file each in the state directory.
//
// A damaged file is an error that names it; a missing one means never fetched. Blocking.
#pragma once

#include "core/catalog/pool.hpp"
#include "core/config/paths.hpp"

namespace tpool::catalog {

Result<ModelLists> load_model_lists(const config::Paths& paths);
Result<> save_model_list(const config::Paths& paths, const std::string& provider,
                         const std::vector<std::string>& models);
Result<> forget_model_list(const config::Paths& paths, const std::string& provider);

}  // namespace tpool::catalog
