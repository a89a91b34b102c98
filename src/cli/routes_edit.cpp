#include "cli/routes_edit.hpp"

#include <algorithm>

#include "core/config/condition.hpp"

namespace tpool::cli {
namespace {

constexpr std::size_t most_shown = 20;

std::string describe(const catalog::Pool& pool, const catalog::Route& route, bool failover) {
  auto text = pool.providers[route.provider].id + "/" + route.upstream;
  // A successor's tier is its place behind the others, and no priority anybody set.
  if (!route.rule.empty() && !failover) text += ", priority " + std::to_string(route.tier);
  if (route.when) text += ", when " + route.when->text();
  if (!route.rule.empty()) text += " (rule " + route.rule + ")";
  return failover ? text + " (failover)" : text;
}

std::vector<std::string> routes_at(const catalog::Pool& pool, const std::string& name) {
  const auto* entry = pool.find(name);
  return entry ? describe_routes(pool, *entry) : std::vector<std::string>();
}

bool holds(const std::vector<std::string>& lines, const std::string& line) {
  return std::ranges::find(lines, line) != lines.end();
}

void write_lines(json::Writer& writer, std::string_view name,
                 const std::vector<std::string>& lines) {
  writer.key(name).begin_array();
  for (const auto& line : lines) writer.string(line);
  writer.end_array();
}

}  // namespace

std::vector<std::string> describe_routes(const catalog::Pool& pool, const catalog::Entry& entry) {
  std::vector<std::string> lines;
  for (const auto& route : entry.routes) lines.push_back(describe(pool, route, false));
  for (const auto& route : entry.failover) lines.push_back(describe(pool, route, true));
  return lines;
}

std::vector<RouteChange> route_changes(const catalog::Pool& before, const catalog::Pool& after) {
  std::vector<RouteChange> changes;
  const auto compare = [&](const catalog::Entry& entry) {
    RouteChange change{entry.name, routes_at(before, entry.name), routes_at(after, entry.name)};
    if (change.before == change.after) return;
    if (change.after.empty()) change.lost = after.explain_unknown(entry.name).message;
    changes.push_back(std::move(change));
  };
  for (const auto& entry : after.entries)
    if (entry.kind != catalog::Entry::Kind::alias) compare(entry);
  for (const auto& entry : before.entries)
    if (entry.kind != catalog::Entry::Kind::alias && !after.find(entry.name)) compare(entry);
  return changes;
}

std::vector<std::string> lines_of(const RouteChange& change) {
  std::vector<std::string> lines{change.id};
  for (const auto& line : change.before)
    if (!holds(change.after, line)) lines.push_back("  - " + line);
  for (const auto& line : change.after)
    lines.push_back((holds(change.before, line) ? "    " : "  + ") + line);
  if (!change.lost.empty()) lines.push_back("  ! " + change.lost);
  return lines;
}

std::string to_json(const std::vector<RouteChange>& changes) {
  std::string text;
  json::Writer writer(text);
  writer.begin_array();
  for (const auto& change : changes) {
    writer.begin_object().member("id", change.id);
    write_lines(writer, "before", change.before);
    write_lines(writer, "after", change.after);
    writer.end_object();
  }
  writer.end_array();
  return text;
}

Result<> run_routes_edit(Context& context, const config::Edit& edit, const EditReport& report) {
  const auto updated = store_edit(context, edit);
  if (!updated) return updated.error();
  std::vector<RouteChange> changes;
  if (updated->changed) {
    const auto before = build_pool(context.paths, updated->before, "");
    const auto after = build_pool(context.paths, updated->after, "");
    if (before && after) changes = route_changes(**before, **after);
  }
  for (std::size_t i = 0; i < std::min(changes.size(), most_shown); ++i)
    for (const auto& line : lines_of(changes[i])) context.out.say(line);
  if (changes.size() > most_shown)
    context.out.say("and " + counted(changes.size() - most_shown, "more name"));
  auto told = report;
  told.members.emplace_back("routes", to_json(changes));
  return finish_edit(context, *updated, told);
}

}  // namespace tpool::cli
