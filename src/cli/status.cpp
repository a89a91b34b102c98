#include <thread>

#include "cli/admin_client.hpp"
#include "cli/budget.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/table.hpp"
#include "core/json/utf8.hpp"
#include "core/json/value.hpp"

namespace tpool::cli {
namespace {

std::string number(json::Value value) { return std::to_string(value.integer().value_or(0)); }

// 75 -> "1 min", 7300 -> "2 h".
std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min";
  if (whole < 2 * 86400) return std::to_string(whole / 3600) + " h";
  return std::to_string(whole / 86400) + " days";
}

std::string head_lines(const Output& out, json::Value status) {
  const auto line = [&](std::string name, const std::string& value, Style style = Style::plain) {
    name.resize(10, ' ');
    return out.paint(Style::dim, name) + out.paint(style, json::printable(value)) + "\n";
  };
  auto text =
      line("serve",
           "running on " + std::string(status["listen"].string_or("?")) + " for " +
               duration(status["uptime_s"].number().value_or(0)) + ", pid " +
               number(status["pid"]) + ", version " + std::string(status["version"].string_or("?")),
           Style::good);
  const auto problem = status["store_problem"].string_or("");
  text += line("store", "revision " + std::string(status["revision"].string_or("?")) +
                            (problem.empty() ? "" : "; what was written since is not served"));
  // The parser's message points into a line of the store with lines of its own.
  for (std::size_t at = 0; at < problem.size();) {
    const auto end = std::min(problem.find('\n', at), problem.size());
    text += line("", std::string(problem.substr(at, end - at)), Style::bad);
    at = end + 1;
  }
  const auto requests = status["requests"];
  text += line("models", number(status["models"]));
  text +=
      line("requests", number(requests["in_flight"]) + " in flight, " + number(requests["served"]) +
                           " served, " + number(requests["failed"]) + " failed, " +
                           number(requests["cancelled"]) + " cancelled");
  const auto budgets = status["budgets"];
  for (std::size_t i = 0; i < budgets.size(); ++i) {
    const auto one = budgets.at(i);
    if (!one["is_spent"].boolean_or(false)) continue;
    text +=
        line("budget", budget_name(one) + " is spent: tpool budget says until when", Style::bad);
  }
  return text;
}

std::string provider_table(const Output& out, json::Value providers) {
  Table table({"PROVIDER", "KEY", "STATE", "WHY"});
  for (std::size_t i = 0; i < providers.size(); ++i) {
    const auto provider = providers.at(i);
    const auto keys = provider["keys"];
    for (std::size_t k = 0; k < keys.size(); ++k) {
      const auto key = keys.at(k);
      const auto id = key["id"].string_or("");
      const std::string state(key["state"].string_or("?"));
      table.row({std::string(provider["id"].string_or("?")),
                 id.empty() ? std::string("none") : std::string(id),
                 {state, state == "healthy" ? Style::good : Style::bad},
                 std::string(key["reason"].string_or(""))});
    }
  }
  return table.empty() ? "" : "\n" + table.text(out);
}

// What is to be printed of serve's reply.
Result<std::string> look(const Context& context) {
  auto reply = admin_call(context.paths, "GET", "/api/status");
  if (!reply || context.out.json()) return reply;
  const auto document = json::Document::parse(*reply, "the status of serve");
  if (!document) return document.error();
  const auto root = document->root();
  return head_lines(context.out, root) + provider_table(context.out, root["providers"]);
}

// Until Ctrl-C, or until nobody reads any more. A person sees serve end and begin anew; a script is
// told.
Result<> watch(Context& context, std::string shown) {
  auto& out = context.out;
  while (!out.gone()) {
    out.json() ? out.data(shown) : out.screen(shown);
    std::this_thread::sleep_for(std::chrono::seconds(1));
    auto next = look(context);
    if (!next && out.json()) return next.error();
    shown = next ? std::move(*next) : out.paint(Style::bad, next.error().message) + "\n";
  }
  return {};
}

Result<> status(Context& context) {
  const auto now = look(context);
  if (!now) return now.error();
  if (context.args.has("--watch")) return watch(context, *now);
  context.out.json() ? context.out.document(*now) : context.out.data(*now);
  return {};
}

}  // namespace

Command status_verb() {
  return {.name = "status",
          .summary = "Say how a running serve is doing",
          .description =
              "Exit code 6 when none is running. With --watch --json every line is one "
              "document, and the end of serve ends it.",
          .examples = {{"status", ""},
                       {"status --json", ""},
                       {"status --watch", "anew every second, until Ctrl-C"}},
          .options = {{.name = "--watch", .help = "look again every second, until Ctrl-C"}},
          .effect = Effect::prints,
          .handler = status};
}

}  // namespace tpool::cli
