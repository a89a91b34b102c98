// Where a request would go: the Plan that routing makes, printed instead of walked.
#include <algorithm>
#include <cstdio>
#include <ctime>

#include "cli/admin_client.hpp"
#include "cli/budget.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/table.hpp"
#include "core/json/value.hpp"
#include "core/percent.hpp"
#include "core/route/order.hpp"
#include "core/route/plan_json.hpp"

namespace tpool::cli {
namespace {

Result<route::Envelope> read_envelope(const Arguments& args) {
  route::Envelope envelope;
  envelope.model = *args.value("MODEL");
  const auto tokens = args.integer("--prompt-tokens", 0, 1'000'000'000);
  if (!tokens) return tokens.error();
  envelope.prompt_tokens = tokens->value_or(0);
  envelope.bytes = route::bytes_of(envelope.prompt_tokens);
  envelope.stream = args.has("--stream");
  envelope.tools = args.has("--tools");
  envelope.images = args.has("--images");
  envelope.session = args.value("--session").value_or("");
  envelope.client = args.value("--client").value_or("");
  for (const auto each : {route::Class::interactive, route::Class::subagent,
                          route::Class::background, route::Class::probe})
    if (args.value("--class") == to_string(each)) envelope.request_class = each;
  if (const auto turn = route::parse_turn(args.value("--priority").value_or("")))
    envelope.said = route::Priority{*turn, route::priority_header};
  envelope.protocol =
      parse_protocol(args.value("--protocol").value_or("responses")).value_or(Protocol::responses);
  envelope.hour = route::hour_of_day(std::time(nullptr));
  return envelope;
}

std::string question(const route::Envelope& envelope) {
  std::string query = "/api/explain?model=" + percent_encoded(envelope.model);
  query.append("&protocol=").append(to_string(envelope.protocol));
  query.append("&class=").append(to_string(envelope.request_class));
  if (envelope.said) query.append("&priority=").append(to_string(envelope.said->turn));
  query += "&prompt_tokens=" + std::to_string(envelope.prompt_tokens);
  if (envelope.stream) query += "&stream";
  if (envelope.tools) query += "&tools";
  if (envelope.images) query += "&images";
  if (!envelope.session.empty()) query += "&session=" + percent_encoded(envelope.session);
  if (!envelope.client.empty()) query += "&client=" + percent_encoded(envelope.client);
  return query;
}

// What the plan was made of.
struct Explained {
  std::string plan;
  std::string missing;  // what was not known in making it; empty: a running serve made it
};

// A running serve of this very store knows what cools down, what is warm and who is quick; without
// one every key counts as healthy and nothing as known.
Result<Explained> explained(Context& context, const route::Envelope& envelope) {
  auto told = ask_own_serve(context.paths, question(envelope));
  if (!told) return told.error();
  if (told->missing.empty()) return Explained{std::move(told->body), {}};
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  if (!pool) return pool.error();
  const auto budgets = kept_budgets(context, loaded->config);
  const route::Experience nothing_learned;
  const auto plan = route::plan(**pool, envelope, {}, std::chrono::system_clock::now(),
                                &nothing_learned, &budgets);
  if (!plan) return plan.error();
  Explained made{{}, told->missing + ": no key counts as cooling down, and nothing as learned"};
  if (!envelope.session.empty()) made.missing += "; nothing is known of sessions";
  json::Writer writer(made.plan);
  const route::AskedSession session{envelope.session};
  route::write_plan(writer, *plan, envelope.session.empty() ? nullptr : &session);
  return made;
}

std::string place(json::Value one) {
  auto text = std::string(one["provider"].string_or(""));
  const auto key = one["key"].string_or("");
  if (!key.empty()) text.append(" (key ").append(key).append(")");
  return text;
}

std::string number(json::Value value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value.number().value_or(0));
  return text;
}

std::string listed(json::Value items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i)
    text.append(text.empty() ? "" : "; ").append(items.at(i).string_or(""));
  return text;
}

// The numbers behind a place: dollars end in _usd, seconds in _s.
std::string terms_of(json::Value step) {
  const auto terms = step["terms"];
  std::string text;
  for (std::size_t i = 0; i < terms.size(); ++i)
    text.append(text.empty() ? "" : ", ")
        .append(terms.name_at(i))
        .append(" ")
        .append(number(terms.member_at(i)));
  return text;
}

void print(Context& context, json::Value plan) {
  auto& out = context.out;
  auto head = std::string(plan["requested"].string_or(""));
  const auto kind = plan["resolved_by"].string_or("");
  head.append(kind == "alias" ? " is an " : " is a ").append(kind);
  head.append("; class ").append(plan["class"].string_or(""));
  // What its class alone decides goes without saying.
  if (const auto by = plan["priority_by"].string_or("class"); by != "class")
    head.append(", priority ").append(plan["priority"].string_or("")).append(" by ").append(by);
  head.append(", strategy ").append(plan["strategy"].string_or(""));
  if (const auto effort = plan["effort"].string()) head.append(", effort ").append(*effort);
  out.data(head);
  const auto steps = plan["steps"];
  Table table({">", "PROVIDER", "MODEL", ">TIER", "LANE", "STATE", ">USD", "WHY"});
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto step = steps.at(i);
    table.row({std::to_string(i + 1), place(step), std::string(step["model"].string_or("")),
               std::to_string(step["tier"].integer().value_or(0)),
               std::string(step["lane"].string_or("")), std::string(step["state"].string_or("")),
               step["terms"].size() > 0 ? number(step["score_usd"]) : std::string(),
               listed(step["why"])});
  }
  if (steps.size() > 0) out.data(table.text(out));
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (const auto terms = terms_of(steps.at(i)); !terms.empty())
      out.data(std::to_string(i + 1) + ": " + terms);
  if (const auto session = plan["session"]; session["known"].boolean_or(false))
    out.data("session " + std::string(session["id"].string_or("")) + ": about " +
             std::to_string(session["prompt_tokens"].integer().value_or(0)) + " tokens, served " +
             number(session["age_s"]) + " s ago");
  const auto rejected = plan["rejected"];
  for (std::size_t i = 0; i < rejected.size(); ++i) {
    const auto one = rejected.at(i);
    out.data("not " + place(one) + " " + std::string(one["model"].string_or("")) + ": " +
             std::string(one["gate"].string_or("")) + ": " +
             std::string(one["reason"].string_or("")));
  }
  if (steps.size() == 0) out.data("nobody can take this request now");
}

bool knows_client(const Context& context, const std::string& id) {
  const auto loaded = context.load();
  return !loaded || std::ranges::any_of(loaded->config.clients,
                                        [&](const config::Client& one) { return one.id == id; });
}

Result<> explain(Context& context) {
  const auto envelope = read_envelope(context.args);
  if (!envelope) return envelope.error();
  const auto made = explained(context, *envelope);
  if (!made) return made.error();
  if (context.out.json()) {
    context.out.document(made->plan);
    return {};
  }
  const auto parsed = json::Document::parse(made->plan, "the plan");
  if (!parsed) return parsed.error();
  print(context, parsed->root());
  if (!made->missing.empty())
    context.out.say(made->missing);
  else if (!envelope->session.empty() && !parsed->root()["session"]["known"].boolean_or(false))
    context.out.say("serve knows no session " + envelope->session +
                    ": nothing counts as warm for it");
  if (!envelope->client.empty() && !knows_client(context, envelope->client))
    context.out.say("there is no client " + envelope->client +
                    ", and no client's budget counts for it: tpool client list shows them");
  return {};
}

}  // namespace

Command route_noun() {
  return {
      .name = "route",
      .summary = "Where a request goes, and why",
      .children =
          {{.name = "explain",
            .summary = "Print the plan of a request without sending it",
            .description = "The same plan that routing walks: the name resolved, the rules asked, "
                           "who would be tried in which order, who would not, and why. A running "
                           "serve of the same store is asked, since it knows what cools down.\n\n"
                           "A request says its priority with the header x-tpool-priority, else "
                           "metadata.priority: high, normal or low; else with its service_tier: "
                           "priority is high, flex is low, every other leaves it to the class, "
                           "which is low in the background. High goes before others in a queue, "
                           "low after them, and the time of low is worth a tenth.",
            .examples = {{"route explain sonnet", ""},
                         {"route explain sonnet --prompt-tokens 150000 --tools --stream", ""},
                         {"route explain sonnet --class background --priority high", ""},
                         {"route explain deepseek/deepseek-chat --json", ""}},
            .positionals = {{.name = "MODEL",
                             .help = "a slug, model or alias",
                             .completes = Completes::model}},
            .options = {{.name = "--prompt-tokens", .value = "N", .help = "how long the prompt is"},
                        {.name = "--stream", .help = "the answer is asked for as a stream"},
                        {.name = "--tools", .help = "the request has tools"},
                        {.name = "--images", .help = "the request has images"},
                        {.name = "--class",
                         .value = "C",
                         .help = "what kind of request it is",
                         .choices = {"interactive", "subagent", "background", "probe"}},
                        {.name = "--priority",
                         .value = "P",
                         .help = "what it says of its priority, as x-tpool-priority does",
                         .choices = {"high", "normal", "low"}},
                        {.name = "--session", .value = "ID", .help = "the conversation it is of"},
                        {.name = "--client",
                         .value = "ID",
                         .help = "who asks, for the budgets of clients",
                         .completes = Completes::client},
                        {.name = "--protocol",
                         .value = "P",
                         .help = "what the client speaks (responses)",
                         .choices = {"responses", "chat", "messages"}}},
            .effect = Effect::prints,
            .handler = explain}},
      .default_child = "explain"};
}

}  // namespace tpool::cli
