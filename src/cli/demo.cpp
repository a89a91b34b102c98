#include "proxy/demo.hpp"

#include <cstdio>

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "core/json/utf8.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

std::string money(const std::optional<double>& usd) {
  if (!usd) return "unknown";
  char text[32];
  std::snprintf(text, sizeof text, "$%.6f", *usd);
  return text;
}

void print_json(Context& context, const proxy::DemoReport& report) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  writer.member("listen", report.listen).member("model", report.model);
  writer.member("route", report.route).member("text", report.text);
  writer.member("attempts", report.attempts).member("events", report.events);
  writer.member("last_event", report.last_event);
  writer.member("first_event_ms", report.first_event_ms);
  writer.member("duration_ms", report.duration_ms).key("usage").begin_object();
  writer.member("input", report.usage.input).member("cache_read", report.usage.cache_read);
  writer.member("cache_write", report.usage.cache_write).member("output", report.usage.output);
  writer.member("reasoning", report.usage.reasoning).end_object();
  writer.member("cost_usd", report.cost_usd).end_object();
  context.out.document(text);
}

Result<> demo(Context& context) {
  context.out.say(
      "starting the proxy over the built-in echo provider; nothing of yours is touched");
  const auto report = proxy::run_demo();
  if (!report) return report.error();
  if (context.out.json()) {
    print_json(context, *report);
    return {};
  }
  const auto& usage = report->usage;
  const auto line = [&](const char* name, const std::string& value) {
    std::string head(name);
    head.resize(9, ' ');
    return context.out.paint(Style::dim, head) + value + "\n";
  };
  std::string answer;
  for (const char c : report->text) answer += c == '\n' ? ' ' : c;
  answer = json::printable(answer);
  context.out.data(
      line("request", "POST http://" + report->listen + "/v1/responses, model " + report->model) +
      line("route",
           report->route + ", " + counted(static_cast<std::size_t>(report->attempts), "attempt")) +
      line("answer", answer) +
      line("events", std::to_string(report->events) + " up to " + report->last_event +
                         ", the first after " + std::to_string(report->first_event_ms) +
                         " ms, all in " + std::to_string(report->duration_ms) + " ms") +
      line("tokens",
           std::to_string(usage.total_input()) + " in, " + std::to_string(usage.output) + " out") +
      line("cost", money(report->cost_usd)));
  context.out.next("tpool provider add deepseek (or another: tpool provider presets)");
  return {};
}

}  // namespace

Command demo_verb() {
  return {.name = "demo",
          .summary = "See one request go through, offline and without a key",
          .description =
              "Starts the proxy in a scratch folder over a built-in provider with fixed answers, "
              "sends one request as Codex would, and prints its route, events and cost.",
          .examples = {{"demo", ""}, {"demo --json", ""}},
          .effect = Effect::prints,
          .handler = demo};
}

}  // namespace tpool::cli
