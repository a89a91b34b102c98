#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <thread>

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/table.hpp"
#include "core/json/write.hpp"
#include "core/sim/verdict.hpp"

namespace tpool::cli {
namespace {

constexpr std::uint64_t highest_seed = 1'000'000'000;
constexpr std::uint64_t most_seeds = 1000;
constexpr std::size_t losing_shown = 12;

struct Wish {
  std::uint64_t first = 101;
  std::uint64_t last = 103;
  std::vector<route::Strategy> strategies = {};
  std::vector<route::Profile> profiles = {};
  std::vector<sim::Regime> regimes = {};
};

// One strategy and everything it was played through.
struct Series {
  route::Strategy strategy = route::Strategy::priced_affinity;
  std::vector<sim::Played> played = {};
};

Result<> read_seeds(const std::string& text, Wish& wish) {
  const auto wrong = invalid("--seeds needs a number or a range as 101..130, of at most " +
                             std::to_string(most_seeds) + " seeds");
  const auto dots = text.find("..");
  const auto first = text.substr(0, dots);
  const auto last = dots == text.npos ? first : text.substr(dots + 2);
  const auto number = [](const std::string& digits, std::uint64_t& value) {
    const char* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, value);
    return read.ec == std::errc{} && read.ptr == end && value <= highest_seed;
  };
  if (!number(first, wish.first) || !number(last, wish.last)) return wrong;
  if (wish.last < wish.first || wish.last - wish.first >= most_seeds) return wrong;
  return {};
}

Result<Wish> read_wish(const Arguments& args) {
  Wish wish;
  if (const auto seeds = args.value("--seeds"))
    if (const auto read = read_seeds(*seeds, wish); !read) return read.error();
  for (const auto& name : args.values("--strategy"))
    if (const auto strategy = route::parse_strategy(name)) wish.strategies.push_back(*strategy);
  if (wish.strategies.empty()) wish.strategies = {route::Strategy::priced_affinity};
  for (const auto& name : args.values("--profile"))
    if (const auto profile = route::parse_profile(name)) wish.profiles.push_back(*profile);
  if (wish.profiles.empty())
    wish.profiles = {route::Profile::balanced, route::Profile::fast, route::Profile::cheap};
  for (const auto& name : args.values("--regime"))
    if (const auto regime = sim::parse_regime(name)) wish.regimes.push_back(*regime);
  if (wish.regimes.empty()) wish.regimes.assign(sim::regimes.begin(), sim::regimes.end());
  return wish;
}

// Every case of every strategy; the rivals play each case once. Runs share nothing, so the order in
// which threads take them changes nothing.
std::vector<Series> play(Context& context, const Wish& wish) {
  std::vector<sim::Played> cases;
  for (const auto profile : wish.profiles)
    for (const auto regime : wish.regimes)
      for (auto seed = wish.first; seed <= wish.last; ++seed)
        cases.push_back({{seed, profile, regime}, {}, {}});
  std::vector<Series> series;
  for (const auto strategy : wish.strategies) series.push_back({strategy, cases});
  for (auto& one : cases) one.rivals.resize(sim::rivals().size());

  const auto contestants = sim::rivals().size() + series.size();
  const auto runs = cases.size() * contestants;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < runs; i = next++, ++done) {
      auto& one = cases[i / contestants];
      const auto who = i % contestants;
      const auto run = [&](const sim::Contestant& contestant) {
        return sim::run(one.where.seed, one.where.regime, one.where.profile, contestant);
      };
      if (who < one.rivals.size()) {
        one.rivals[who] = run(sim::rivals()[who]);
        continue;
      }
      auto& mine = series[who - one.rivals.size()];
      mine.played[i / contestants].subject = run({sim::Contestant::Kind::shipped, mine.strategy});
    }
  };
  std::vector<std::jthread> workers;
  const auto threads = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < threads; ++i) workers.emplace_back(work);
  for (std::size_t tenth = 1; done < runs;) {
    std::this_thread::sleep_for(Milliseconds(20));
    const auto reached = done * 10 / runs;
    if (reached < tenth) continue;
    tenth = reached + 1;
    context.out.progress("[" + std::string(reached * 2, '#') + std::string(20 - reached * 2, '.') +
                         "] " + std::to_string(done.load()) + " of " + std::to_string(runs) +
                         " runs");
  }
  workers.clear();
  for (auto& one : series)
    for (std::size_t i = 0; i < cases.size(); ++i) one.played[i].rivals = cases[i].rivals;
  return series;
}

std::string number(double value, const char* format) {
  char text[40];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string percent(double share) { return number(share * 100, "%.1f %%"); }

void write_case(json::Writer& out, const sim::Case& where) {
  out.member("seed", where.seed).member("profile", route::to_string(where.profile));
  out.member("regime", sim::to_string(where.regime));
}

void write_series(json::Writer& out, const Series& series) {
  out.begin_object().member("strategy", route::to_string(series.strategy));
  out.key("cells").begin_array();
  for (const auto& cell : sim::cells(series.played)) {
    out.begin_object().member("profile", route::to_string(cell.profile));
    out.member("regime", sim::to_string(cell.regime));
    out.member("oracle_loss_usd", cell.oracle_usd).member("regret", cell.regret);
    out.key("rivals").begin_object();
    for (std::size_t i = 0; i < cell.rival_regrets.size(); ++i)
      out.member(sim::rivals()[i + 1].name(), cell.rival_regrets[i]);
    out.end_object().member("success_before_stream", cell.success_before_stream);
    out.member("cached_share", cell.cached_share);
    out.member("attempts_per_request", cell.attempts_per_call).end_object();
  }
  out.end_array().key("gates").begin_array();
  for (const auto& gate : sim::gates(series.played)) {
    out.begin_object().member("name", gate.name).member("value", gate.value);
    out.member("bar", gate.bar).member("at_most", gate.at_most);
    out.member("holds", gate.holds()).end_object();
  }
  out.end_array().key("losing_cases").begin_array();
  for (const auto& lost : sim::losing_cases(series.played)) {
    out.begin_object();
    write_case(out, lost.where);
    out.member("to", lost.to).member("by", lost.by).end_object();
  }
  out.end_array().end_object();
}

std::string regret_table(const Context& context, const Series& series) {
  const std::string name(route::to_string(series.strategy));
  std::vector<std::string> headings{"PROFILE", "REGIME", ">ORACLE", ">" + name};
  for (std::size_t i = 1; i < sim::rivals().size(); ++i)
    headings.push_back(">" + sim::rivals()[i].name());
  for (const auto* heading : {">SERVED", ">CACHED", ">ATTEMPTS"}) headings.emplace_back(heading);
  Table table(std::move(headings));
  for (const auto& cell : sim::cells(series.played)) {
    std::vector<Cell> row{
        std::string(route::to_string(cell.profile)), std::string(sim::to_string(cell.regime)),
        number(cell.oracle_usd, "$%.4f"), Cell(percent(cell.regret), Style::bold)};
    for (const auto regret : cell.rival_regrets) row.emplace_back(percent(regret));
    row.emplace_back(number(cell.success_before_stream * 100, "%.2f %%"));
    row.emplace_back(percent(cell.cached_share));
    row.emplace_back(number(cell.attempts_per_call, "%.3f"));
    table.row(std::move(row));
  }
  return table.text(context.out);
}

std::string gate_table(const Context& context, const Series& series) {
  Table table({"GATE", ">VALUE", ">BAR", "VERDICT"});
  for (const auto& gate : sim::gates(series.played)) {
    const auto shown = [&](double value) {
      return gate.percent ? number(value * 100, "%.2f %%") : number(value, "%.3f");
    };
    table.row({gate.name, shown(gate.value), (gate.at_most ? "<= " : ">= ") + shown(gate.bar),
               gate.holds() ? Cell("holds", Style::good) : Cell("fails", Style::bad)});
  }
  return table.text(context.out);
}

std::string losing_table(const Context& context, const Series& series) {
  const auto lost = sim::losing_cases(series.played);
  if (lost.empty()) return "no case was lost to a baseline\n";
  Table table({"LOST TO", "PROFILE", "REGIME", ">SEED", ">BY"});
  for (std::size_t i = 0; i < std::min(losing_shown, lost.size()); ++i)
    table.row({lost[i].to, std::string(route::to_string(lost[i].where.profile)),
               std::string(sim::to_string(lost[i].where.regime)),
               std::to_string(lost[i].where.seed), percent(lost[i].by)});
  auto text = table.text(context.out);
  if (lost.size() > losing_shown)
    text += "and " + std::to_string(lost.size() - losing_shown) + " more, in --json\n";
  return text;
}

Result<> simulate(Context& context) {
  const auto wish = read_wish(context.args);
  if (!wish) return wish.error();
  const auto all = play(context, *wish);
  if (context.out.json()) {
    std::string text;
    json::Writer out(text);
    out.begin_object().key("seeds").begin_array();
    out.integer(static_cast<std::int64_t>(wish->first));
    out.integer(static_cast<std::int64_t>(wish->last)).end_array();
    out.key("strategies").begin_array();
    for (const auto& series : all) write_series(out, series);
    out.end_array().end_object();
    context.out.document(text);
    return {};
  }
  for (const auto& series : all) {
    const auto cases = series.played.size() * (sim::rivals().size() - 1);
    context.out.data(context.out.paint(Style::bold, std::string(to_string(series.strategy))) +
                     ": regret against the oracle, seeds " + std::to_string(wish->first) + " to " +
                     std::to_string(wish->last) + "\n\n" + regret_table(context, series) + "\n" +
                     gate_table(context, series) + "\n" +
                     std::to_string(sim::losing_cases(series.played).size()) + " of " +
                     std::to_string(cases) + " pairings lost\n" + losing_table(context, series));
  }
  return {};
}

std::vector<std::string> regime_names() {
  std::vector<std::string> names;
  for (const auto regime : sim::regimes) names.emplace_back(sim::to_string(regime));
  return names;
}

}  // namespace

Command sim_verb() {
  return {
      .name = "sim",
      .summary = "Play routing strategies against simulated bad days",
      .description =
          "Ninety minutes of coding sessions against six simulated deployments, in nine regimes "
          "from steady to storm, with the very code that routes requests. Nothing is sent and "
          "nothing of yours is read. Loss is dollars, time priced by the profile and 0.25 per "
          "failure, for each request served; regret is how much of it an oracle would have "
          "saved.\n\nThe strategy has everything around it that serve has, limits and the line "
          "before them too. Baselines (weighted, "
          "round-robin, least-latency, session-sticky for an hour, peak-ewma of two) get three "
          "attempts, honoured hints and a limit of 60 s. The same seeds give the same numbers; 1 "
          "to 6 were used for tuning. The default, 101..103, is a first look; 101..130 is the "
          "series that the bars are judged by.",
      .examples = {{"sim --seeds 101..130", "the whole table, for the default strategy"},
                   {"sim --regime storm --profile cheap", "one corner of it"},
                   {"sim --strategy priced-affinity --strategy weighted --json", ""}},
      .options = {{.name = "--seeds", .value = "A..B", .help = "the seeds to play"},
                  {.name = "--strategy",
                   .value = "S",
                   .help = "the strategy to judge",
                   .repeats = true,
                   .choices = {"priced-affinity", "priority", "round-robin", "least-latency",
                               "weighted"}},
                  {.name = "--profile",
                   .value = "P",
                   .help = "only this profile",
                   .repeats = true,
                   .choices = {"balanced", "fast", "cheap"}},
                  {.name = "--regime",
                   .value = "R",
                   .help = "only this regime",
                   .repeats = true,
                   .choices = regime_names()}},
      .effect = Effect::prints,
      .handler = simulate};
}

}  // namespace tpool::cli
