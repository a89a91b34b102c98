// One edit of the store, from the verb to the last line the user reads.
//
// store_edit() writes (or, with --dry-run, only plans), and refuses what would leave the pool
// unbuildable: a name twice, a pattern that does not compile. finish_edit() brings Codex and a
// running serve in step and says what happened. Most commands call run_edit(), which is both.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/context.hpp"
#include "core/config/store.hpp"
#include "core/error.hpp"

namespace tpool::cli {

struct EditReport {
  // The next useful command; empty: chosen from where the user stands.
  std::string next = {};
  // What else to say before that, and what to warn of.
  std::vector<std::string> lines = {};
  std::vector<std::string> warnings = {};
  // Members the command adds to the JSON answer: name, JSON text.
  std::vector<std::pair<std::string, std::string>> members = {};

  void add_text(const std::string& name, std::string_view text);
};

// The error of a pool that could be made of `before` and cannot be of `after`.
Result<> still_builds(const Context& context, const config::Config& before,
                      const config::Config& after);

Result<config::Updated> store_edit(Context& context, const config::Edit& edit);
Result<> finish_edit(Context& context, const config::Updated& updated, const EditReport& report);
Result<> run_edit(Context& context, const config::Edit& edit, const EditReport& report = {});

// A running serve would notice an edit soon; after this it serves it already. Warns when it does
// not.
void tell_serve(Context& context);

// What a user with this Config does next: add a provider, enable the pool, serve, or use it.
std::string next_step(const Context& context, const config::Config& config);

}  // namespace tpool::cli
