// What a handler works with: the arguments, the output and the store.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "core/catalog/pool.hpp"
#include "core/config/paths.hpp"
#include "core/config/store.hpp"
#include "core/error.hpp"

namespace tpool::cli {

class Context {
 public:
  Context(const Arguments& given, Output& output, config::Paths places)
      : args(given), out(output), paths(std::move(places)) {}

  const Arguments& args;
  Output& out;
  const config::Paths paths;

  config::Store store() const { return config::Store(paths); }
  // The store, with warnings about it said.
  Result<config::Loaded> load() const;
  bool dry_run() const { return args.has("--dry-run"); }
  // A person is there to be asked.
  bool may_ask() const;

  // For what cannot be undone: asks a person, or demands --yes. cancelled when they say no.
  Result<> confirm(const std::string& question) const;
  // Shows what is about to be written to somebody's own file, and asks a person whether to.
  Result<> show_and_ask(const std::string& diff, const std::string& files) const;
};

// The pool of a Config, over the model lists last fetched.
Result<std::shared_ptr<const catalog::Pool>> build_pool(const config::Paths& paths,
                                                        const config::Config& config,
                                                        const std::string& revision);

// not_found naming the nearest ids.
Result<const config::Provider*> require_provider(const config::Config& config,
                                                 const std::string& id);

std::string join(const std::vector<std::string>& parts, std::string_view separator);
// "1 model", "2 models".
std::string counted(std::size_t number, const std::string& noun);

}  // namespace tpool::cli
