// The book of facts last fetched by `tpool model update`, kept in the state directory.
//
// A missing file is no book. A damaged one is an error that names it and says how to go on.
// Blocking.
#pragma once

#include <memory>

#include "core/catalog/facts_book.hpp"
#include "core/config/paths.hpp"

namespace tpool::catalog {

std::filesystem::path facts_file(const config::Paths& paths);
Result<std::shared_ptr<const FactsBook>> load_facts(const config::Paths& paths);
Result<> save_facts(const config::Paths& paths, const FactsBook& book);

}  // namespace tpool::catalog
