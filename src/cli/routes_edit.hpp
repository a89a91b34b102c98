// An edit that decides where models run, told by its effect: each model whose routes change is
// shown with the routes it had and has.
#pragma once

#include <string>
#include <vector>

#include "cli/apply_edit.hpp"
#include "core/catalog/pool.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {

// What an edit does to one name.
struct RouteChange {
  std::string id;
  std::vector<std::string> before;  // one line per route, in the order they are asked
  std::vector<std::string> after;
  std::string lost;  // why it leads nowhere now; empty while it does not
};

std::vector<RouteChange> route_changes(const catalog::Pool& before, const catalog::Pool& after);

// "  + anthropic/claude-sonnet-4-5, priority 10, when stream (rule big-prompts)".
std::vector<std::string> lines_of(const RouteChange& change);
std::string to_json(const std::vector<RouteChange>& changes);

// The routes of an entry in words, as above.
std::vector<std::string> describe_routes(const catalog::Pool& pool, const catalog::Entry& entry);

// `report` is read after the edit has run, which may add to it.
Result<> run_routes_edit(Context& context, const config::Edit& edit, const EditReport& report = {});

}  // namespace tpool::cli
