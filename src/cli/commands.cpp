#include "cli/commands.hpp"

namespace tpool::cli {

const Command* Command::child(std::string_view word) const {
  for (const auto& candidate : children)
    if (candidate.name == word) return &candidate;
  return nullptr;
}

std::string full_name(const std::vector<const Command*>& path) {
  std::string name;
  for (const auto* command : path) name += (name.empty() ? "" : " ") + command->name;
  return name;
}

namespace {

Command make_root() {
  return {
      .name = "tpool",
      .summary = "One local endpoint for the models of all your providers",
      .description =
          "tpool pools every provider's models behind one local endpoint. Codex shows all of them "
          "in its model picker; choosing one takes effect on the next turn.",
      .examples = {{"provider add deepseek", "add a provider; asks for its key"},
                   {"pool enable", "put every model into Codex's picker"},
                   {"serve", "run the proxy until Ctrl-C"},
                   {"demo", "see it work without any key"}},
      .options = {{.name = "--json", .help = "print one JSON document; errors are JSON on stderr"},
                  {.name = "--quiet", .help = "print data and errors only", .short_name = "-q"},
                  {.name = "--no-input", .help = "never ask; fail where an answer is needed"},
                  {.name = "--yes", .help = "answer yes to every question", .short_name = "-y"},
                  {.name = "--dry-run",
                   .help = "show what an edit would change and change nothing",
                   .short_name = "-n"},
                  {.name = "--color",
                   .value = "WHEN",
                   .help = "colour the output",
                   .choices = {"auto", "always", "never"}},
                  {.name = "--config",
                   .value = "PATH",
                   .help = "use this store file",
                   .completes = Completes::file},
                  {.name = "--help", .help = "show help for a command", .short_name = "-h"}},
      .children = {provider_noun(),  key_noun(),        model_noun(),      rule_noun(),
                   developer_noun(), pool_noun(),       catalog_noun(),    route_noun(),
                   client_noun(),    limit_noun(),      budget_noun(),     config_noun(),
                   connect_verb(),   disconnect_verb(), serve_verb(),      status_verb(),
                   demo_verb(),      sim_verb(),        completion_verb(), version_verb(),
                   man_verb()},
  };
}

}  // namespace

const Command& commands() {
  static const Command root = make_root();
  return root;
}

}  // namespace tpool::cli
