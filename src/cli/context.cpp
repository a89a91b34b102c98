#include "cli/context.hpp"

#include <unistd.h>

#include "cli/terminal.hpp"
#include "core/catalog/facts_file.hpp"
#include "core/catalog/model_lists.hpp"
#include "core/config/edit.hpp"
#include "core/config/edit_lookup.hpp"

namespace tpool::cli {

bool Context::may_ask() const {
  return !args.has("--no-input") && !args.has("--json") && is_terminal(STDIN_FILENO) &&
         is_terminal(STDERR_FILENO);
}

Result<config::Loaded> Context::load() const {
  auto loaded = store().load();
  if (loaded)
    for (const auto& note : loaded->notes) out.warn(note);
  return loaded;
}

Result<> Context::confirm(const std::string& question) const {
  if (args.has("--yes") || dry_run()) return {};
  if (!may_ask())
    return invalid("this needs a yes: " + question, "add --yes to do it without being asked");
  const auto answer = ask_yes_no(question, false);
  if (!answer) return answer.error();
  if (!*answer) return Error{Code::cancelled, "nothing was changed"};
  return {};
}

Result<> Context::show_and_ask(const std::string& diff, const std::string& files) const {
  out.say(diff);
  if (!may_ask() || args.has("--yes")) return {};
  const auto answer = ask_yes_no("Write this to " + files + "?", true);
  if (!answer) return answer.error();
  if (!*answer) return Error{Code::cancelled, "nothing was changed"};
  return {};
}

Result<std::shared_ptr<const catalog::Pool>> build_pool(const config::Paths& paths,
                                                        const config::Config& config,
                                                        const std::string& revision) {
  const auto lists = catalog::load_model_lists(paths);
  if (!lists) return lists.error();
  auto book = catalog::load_facts(paths);
  if (!book) return book.error();
  return catalog::build(std::make_shared<const config::Config>(config), *lists, revision,
                        std::move(*book));
}

Result<const config::Provider*> require_provider(const config::Config& config,
                                                 const std::string& id) {
  if (const auto* provider = config::find_provider(config, id)) return provider;
  auto error = config::no_provider(config, id);
  if (config.providers.empty() && catalog::find_preset(id)) error.hint = "tpool provider add " + id;
  return error;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string whole;
  for (const auto& part : parts) {
    if (!whole.empty()) whole += separator;
    whole += part;
  }
  return whole;
}

std::string counted(std::size_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

}  // namespace tpool::cli
