// What may be spent in a day, and what was.
#include "cli/budget.hpp"

#include <charconv>
#include <ctime>

#include "cli/admin_client.hpp"
#include "cli/apply_edit.hpp"
#include "cli/commands.hpp"
#include "cli/dangling.hpp"
#include "cli/table.hpp"
#include "core/config/edit_budget.hpp"
#include "core/config/private_file.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/route/spending.hpp"
#include "proxy/admin/budgets.hpp"

namespace tpool::cli {

route::Budgets kept_budgets(const Context& context, const config::Config& config) {
  const auto now = std::chrono::system_clock::now();
  route::Budgets budgets;
  budgets.configure(config);
  budgets.turn(route::local_day(now));
  // What cannot be read is taken as serve takes it: it warns, and begins with nothing spent.
  const auto file = context.paths.spending();
  const auto text = config::read_file(file);
  if (!text) {
    if (text.error().code != Code::not_found)
      context.out.warn(text.error().message + ": nothing counts as spent");
    return budgets;
  }
  if (const auto kept = route::read_spending(*text))
    budgets.restore(*kept, now);
  else
    context.out.warn(file.string() + ": " + kept.error().message +
                     ": nothing counts as spent, and serve writes it anew");
  return budgets;
}

std::string budget_name(json::Value row) {
  auto name = std::string(row["scope"].string_or("?"));
  if (const auto own = row["name"].string()) name.append(" ").append(*own);
  return name;
}

namespace {

std::string when(std::string_view rfc3339) {
  std::tm utc{};
  if (!::strptime(std::string(rfc3339).c_str(), "%Y-%m-%dT%H:%M:%S", &utc))
    return std::string(rfc3339);
  return route::local_text(std::chrono::system_clock::from_time_t(::timegm(&utc)));
}

void print(Context& context, json::Value rows, const std::string& missing) {
  auto& out = context.out;
  Table table({"BUDGET", ">SPENT TODAY", ">A DAY", "WHEN SPENT", "BEGINS ANEW", ">UNPRICED"});
  std::string spent;
  bool unpriced = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows.at(i);
    const bool is_spent = row["is_spent"].boolean_or(false);
    const auto unknown = row["unpriced"].integer().value_or(0);
    table.row({budget_name(row),
               {route::dollars(row["spent_usd"].number().value_or(0)),
                is_spent ? Style::bad : Style::plain},
               route::dollars(row["usd_per_day"].number().value_or(0)),
               std::string(row["on_exceed"].string_or("?")),
               when(row["resets_at"].string_or("?")),
               {std::to_string(unknown), unknown > 0 ? Style::caution : Style::plain}});
    if (is_spent && spent.empty()) spent = budget_name(row);
    unpriced = unpriced || unknown > 0;
  }
  if (table.empty()) {
    out.say("no budgets: what is spent is not limited");
    return out.next("tpool budget set total --usd-per-day 20");
  }
  out.data(table.text(out));
  if (!missing.empty()) out.say(missing + ": spent is what the last one left");
  if (unpriced)
    out.say(
        "of the unpriced requests nobody knows the cost: the provider reported no usage, or "
        "the model has no price (tpool model edit PROVIDER/MODEL --cost-input N --cost-output N)");
  if (!spent.empty()) out.next("tpool budget set " + spent + " --usd-per-day N");
}

Result<Told> budgets_now(const Context& context) {
  auto told = ask_own_serve(context.paths, "/api/budgets");
  if (!told || told->missing.empty()) return told;
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto budgets = kept_budgets(context, loaded->config);
  json::Writer out(told->body);
  admin::write_budgets(out, budgets);
  return told;
}

Result<> list(Context& context) {
  const auto told = budgets_now(context);
  if (!told) return told.error();
  if (context.out.json()) {
    context.out.document(told->body);
    return {};
  }
  const auto document = json::Document::parse(told->body, "the budgets");
  if (!document) return document.error();
  print(context, document->root(), told->missing);
  return {};
}

Result<std::optional<double>> amount(const Arguments& args) {
  const auto text = args.value("--usd-per-day");
  if (!text) return std::optional<double>{};
  double value = 0;
  const char* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end)
    return invalid("--usd-per-day needs an amount in dollars, such as 20 or 0.50");
  return std::optional<double>{value};
}

// Slugs and aliases are the pool's; what is only switched off may have a budget too.
Result<> known_model(const Context& context, const config::Config& config,
                     const std::string& name) {
  const auto pool = build_pool(context.paths, config, "");
  if (!pool) return pool.error();
  if (leads_somewhere(**pool, name)) return {};
  return (*pool)->explain_unknown(name);
}

Result<> set(Context& context) {
  const auto scope = *context.args.value("SCOPE");
  const auto name = context.args.value("NAME");
  const auto usd = amount(context.args);
  if (!usd) return usd.error();
  const config::BudgetFields fields{*usd, context.args.value("--on-exceed")};
  if (!fields.usd_per_day && !fields.on_exceed)
    return invalid("what is to be set?", "add --usd-per-day N, or --on-exceed block|cheapest");
  return run_edit(context,
                  [&](config::Config& config) -> Result<config::Change> {
                    const auto before = config.budgets.size();
                    auto change = config::set_budget(config, scope, name, fields);
                    if (change && scope == "model" && config.budgets.size() > before)
                      if (const auto known = known_model(context, config, *name); !known)
                        return known.error();
                    return change;
                  },
                  {.next = "tpool budget list"});
}

Result<> remove(Context& context) {
  const auto scope = *context.args.value("SCOPE");
  const auto name = context.args.value("NAME");
  return run_edit(
      context, [&](config::Config& config) { return config::remove_budget(config, scope, name); },
      {.next = "tpool budget list"});
}

Positional scope_of() {
  return {.name = "SCOPE",
          .help = "what it is for",
          .choices = {"total", "provider", "model", "client"}};
}

}  // namespace

Command budget_noun() {
  return {
      .name = "budget",
      .summary = "How much may be spent in a day, and what was",
      .children =
          {{.name = "list",
            .summary = "What was spent today, of which budget",
            .description =
                "Of a running serve of the same store, else as the last one left it.\n\n"
                "A day is the calendar day of the time zone that serve runs in. Spent is the usage "
                "that providers report times the price tpool knows at that moment: failed attempts "
                "that were billed count, calls of provider test and key test do not. What has no "
                "reported usage or no known price is counted as unpriced, and no cost is made up "
                "for it. A streaming Chat client has to ask for its usage "
                "(stream_options.include_usage) where the provider speaks Chat too.",
            .examples = {{"budget", "list is the default"}, {"budget list --json", ""}},
            .effect = Effect::prints,
            .handler = list},
           {.name = "set",
            .summary = "Make a budget, or change one",
            .description =
                "Once a budget is spent, block keeps everything under it from running until the "
                "day is over, and clients are told so; cheapest lets only the cheapest of a "
                "request's candidates run, by list price: free is cheapest, an unknown price never "
                "is, and the last priced candidate still runs. A candidate has to fit every budget "
                "it is under.\n\n"
                "A budget is looked at before a request is sent, and what runs is never cut: it "
                "can be overrun by what was in flight. It counts from when it was made; one that "
                "is removed and made again on the same day goes on where it was.\n\n"
                "The budget of a model is for what is asked for under that name, aliases followed. "
                "Where the name is PROVIDER/MODEL, it is also for all else that runs there. The "
                "budget of a client is for what comes with its token.",
            .examples = {{"budget set total --usd-per-day 20", "of everything"},
                         {"budget set provider deepseek --usd-per-day 5", ""},
                         {"budget set client codex --usd-per-day 10 --on-exceed cheapest", ""},
                         {"budget set model sonnet --on-exceed block", "the amount stays"}},
            .positionals = {scope_of(),
                            {.name = "NAME",
                             .help = "which one; total has none",
                             .required = false,
                             .completes = Completes::spender}},
            .options = {{.name = "--usd-per-day",
                         .value = "N",
                         .help = "dollars, more than 0 and at most 1000000"},
                        {.name = "--on-exceed",
                         .value = "WHAT",
                         .help = "once it is spent (block)",
                         .choices = {"block", "cheapest"}}},
            .effect = Effect::edits,
            .handler = set},
           {.name = "remove",
            .summary = "Take a budget away",
            .examples = {{"budget remove total", ""}, {"budget remove provider deepseek", ""}},
            .positionals = {scope_of(),
                            {.name = "NAME",
                             .help = "which one; total has none",
                             .required = false,
                             .completes = Completes::budget}},
            .effect = Effect::edits,
            .handler = remove}},
      .default_child = "list"};
}

}  // namespace tpool::cli
