#include "cli/pool_view.hpp"

#include <cstdio>
#include <set>

#include "cli/table.hpp"
#include "core/config/condition.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

std::string_view kind_of(const catalog::Entry& entry) {
  switch (entry.kind) {
    case catalog::Entry::Kind::slug: return "slug";
    case catalog::Entry::Kind::model: return "model";
    case catalog::Entry::Kind::alias: return "alias";
  }
  return "slug";
}

// 131072 -> "131k", 1048576 -> "1.0M".
std::string short_number(const std::optional<std::int64_t>& number) {
  if (!number) return "?";
  if (*number < 1000) return std::to_string(*number);
  if (*number < 1'000'000) return std::to_string(*number / 1000) + "k";
  char text[32];
  std::snprintf(text, sizeof text, "%.1fM", static_cast<double>(*number) / 1e6);
  return text;
}

std::string price(const std::optional<double>& usd) {
  if (!usd) return "?";
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", *usd);
  return text;
}

std::string yes_no(const std::optional<bool>& value) {
  return !value ? "?" : *value ? "yes" : "no";
}

// Where a model of nobody's own runs.
std::string places(const catalog::Entry& entry) {
  std::set<std::size_t> providers;
  for (const auto& route : entry.routes) providers.insert(route.provider);
  return "at " + counted(providers.size(), "provider");
}

void write_routes(json::Writer& writer, const catalog::Pool& pool, std::string_view name,
                  const std::vector<catalog::Route>& routes) {
  writer.key(name).begin_array();
  for (const auto& route : routes) {
    writer.begin_object().member("provider", pool.providers[route.provider].id);
    writer.member("model", route.upstream).member("tier", route.tier).key("rule");
    route.rule.empty() ? writer.null() : writer.string(route.rule);
    writer.key("when");
    route.when ? writer.string(route.when->text()) : writer.null();
    writer.end_object();
  }
  writer.end_array();
}

void write_entry(json::Writer& writer, const catalog::Pool& pool, const catalog::Entry& entry) {
  const auto& facts = entry.facts;
  const auto list = [&](std::string_view name, const std::vector<std::string>& items) {
    writer.key(name).begin_array();
    for (const auto& item : items) writer.string(item);
    writer.end_array();
  };
  writer.begin_object();
  writer.member("id", entry.name).member("kind", kind_of(entry)).member("name", entry.display);
  writer.key("target");
  entry.target.empty() ? writer.null() : writer.string(entry.target);
  write_routes(writer, pool, "routes", entry.routes);
  write_routes(writer, pool, "failover", entry.failover);
  writer.member("developer", facts.developer).member("context", facts.context);
  writer.member("output", facts.output);
  list("input", facts.input);
  writer.member("tools", facts.tool_call).member("reasoning", facts.reasoning);
  list("efforts", facts.efforts);
  writer.key("cost").begin_object();
  writer.member("input_usd", facts.cost.input).member("output_usd", facts.cost.output);
  writer.member("cache_read_usd", facts.cost.cache_read);
  writer.member("cache_write_usd", facts.cost.cache_write).end_object();
  writer.member("hidden", entry.hidden).end_object();
}

}  // namespace

void print_entries(Context& context, const catalog::Pool& pool,
                   const std::vector<const catalog::Entry*>& entries) {
  if (context.out.json()) {
    std::string text;
    json::Writer writer(text);
    writer.begin_array();
    for (const auto* entry : entries) write_entry(writer, pool, *entry);
    writer.end_array();
    context.out.document(text);
    return;
  }
  if (entries.empty()) {
    context.out.say("no models");
    return;
  }
  Table table({"NAME", ">CONTEXT", ">OUTPUT", "TOOLS", "REASONING", "IMAGES", ">IN $/M", ">OUT $/M",
               "NOTE"});
  for (const auto* entry : entries) {
    const auto& facts = entry->facts;
    std::string note;
    if (!entry->target.empty()) note = "-> " + entry->target;
    if (entry->kind == catalog::Entry::Kind::model) note = places(*entry);
    if (entry == pool.default_entry()) note += note.empty() ? "default" : ", default";
    if (entry->hidden) note += note.empty() ? "hidden" : ", hidden";
    table.row({entry->name,
               short_number(facts.context),
               short_number(facts.output),
               yes_no(facts.tool_call),
               yes_no(facts.reasoning),
               facts.input.empty()    ? std::string("?")
               : facts.takes_images() ? "yes"
                                      : "no",
               price(facts.cost.input),
               price(facts.cost.output),
               {note, Style::dim}});
  }
  context.out.data(table.text(context.out));
}

}  // namespace tpool::cli
