#include "cli/parse.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.hpp"
#include "cli/secret_on_argv.hpp"
#include "core/config/edit.hpp"

namespace tpool::cli {
namespace {

using Words = std::vector<std::string>;

bool is_option(const std::string& word) { return word.size() > 1 && word[0] == '-'; }

const Option* find_option(const Command& command, std::string_view word) {
  for (const auto& option : command.options)
    if (option.name == word || (!option.short_name.empty() && option.short_name == word))
      return &option;
  return nullptr;
}

std::string did_you_mean(std::string_view word, const Words& known, std::string_view otherwise) {
  const auto close = config::nearest(word, known);
  if (close.empty()) return std::string(otherwise);
  std::string hint = "did you mean ";
  for (std::size_t i = 0; i < close.size(); ++i)
    hint += (i == 0 ? "'" : i + 1 == close.size() ? " or '" : ", '") + close[i] + "'";
  return hint + "?";
}

Words child_names(const Command& command) {
  Words names;
  for (const auto& child : command.children)
    if (!child.hidden) names.push_back(child.name);
  return names;
}

struct Located {
  std::vector<const Command*> path;
  Words rest;  // what the leaf parses
};

// Finds the command among the words. Options met on the way are left for the leaf.
Result<Located> locate(const Command& root, const Words& words) {
  Located located{{&root}, {}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& here = *located.path.back();
    const auto& word = words[i];
    if (here.children.empty() || word == "--") {
      located.rest.insert(located.rest.end(), words.begin() + static_cast<std::ptrdiff_t>(i),
                          words.end());
      break;
    }
    if (is_option(word)) {
      located.rest.push_back(word);
      const auto* option = find_option(root, word);
      if (option && !option->value.empty() && i + 1 < words.size())
        located.rest.push_back(words[++i]);
      continue;
    }
    if (const auto* child = here.child(word)) {
      located.path.push_back(child);
      continue;
    }
    const auto* fallback = here.child(here.default_child);
    if (fallback && !fallback->positionals.empty()) {
      located.path.push_back(fallback);
      --i;
      continue;
    }
    if (looks_like_secret(word)) return secret_on_argv();
    const auto name = full_name(located.path);
    return invalid("'" + word + "' is not a command of " + name,
                   did_you_mean(word, child_names(here), "run '" + name + " --help'"));
  }
  return located;
}

Result<> check_unknown(const Words& unknown, const Command& root, const Command& leaf,
                       const std::string& name) {
  if (unknown.empty()) return {};
  for (const auto& word : unknown) {
    const auto option = word.substr(0, word.find('='));
    if (names_a_secret(option) || looks_like_secret(word)) return secret_on_argv();
  }
  for (const auto& word : unknown) {
    if (!is_option(word)) continue;
    Words known;
    for (const auto* command : {&leaf, &root})
      for (const auto& option : command->options) known.push_back(option.name);
    const auto option = word.substr(0, word.find('='));
    return invalid("'" + option + "' is not an option of " + name,
                   did_you_mean(option, known, "run '" + name + " --help'"));
  }
  return invalid("'" + unknown.front() + "' is one argument too many for " + name,
                 "run '" + name + " --help'");
}

// What CLI11 could not read. Its own words repeat the value, which may be a secret; ours do not.
Error unreadable(const Words& words, const Command& root, const Command& leaf,
                 const std::string& name) {
  for (const auto& word : words)
    if (names_a_secret(word.substr(0, word.find('='))) || looks_like_secret(word))
      return secret_on_argv();
  for (const auto* command : {&leaf, &root})
    for (const auto& option : command->options)
      if (!words.empty() && words.back() == option.name && !option.value.empty())
        return invalid(option.name + " needs " + option.value, "run '" + name + " --help'");
  return invalid("the options of " + name + " cannot be read", "run '" + name + " --help'");
}

Result<> check_choice(std::string_view what, const Words& values, const Words& choices) {
  if (choices.empty()) return {};
  for (const auto& value : values) {
    if (std::find(choices.begin(), choices.end(), value) != choices.end()) continue;
    std::string all;
    for (const auto& choice : choices) all += (all.empty() ? "" : ", ") + choice;
    if (looks_like_secret(value)) return secret_on_argv();
    return invalid(std::string(what) + " cannot be '" + value + "'", "use one of: " + all);
  }
  return {};
}

void declare(CLI::App& app, const Command& command) {
  for (const auto& option : command.options) {
    const auto names =
        option.short_name.empty() ? option.name : option.short_name + "," + option.name;
    if (option.value.empty()) {
      app.add_flag(names);
      continue;
    }
    app.add_option(names, [](const CLI::results_t&) { return true; })
        ->type_size(1)
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
}

Result<> collect_options(const CLI::App& app, const Command& command, Arguments& arguments) {
  for (const auto& option : command.options) {
    const auto* given = app.get_option_no_throw(option.name);
    if (given == nullptr || given->count() == 0) continue;
    Words values = option.value.empty() ? Words{} : given->results();
    if (!option.repeats && values.size() > 1)
      return invalid(option.name + " was given " + std::to_string(values.size()) + " times",
                     "give it once");
    if (auto fine = check_choice(option.name, values, option.choices); !fine) return fine.error();
    arguments.put(option.name, std::move(values));
  }
  return {};
}

Result<> collect_positionals(const Words& words, const Command& leaf, const std::string& name,
                             Arguments& arguments) {
  std::size_t next = 0;
  for (const auto& positional : leaf.positionals) {
    if (next == words.size()) {
      if (positional.required)
        return invalid(name + " needs " + positional.name, "run '" + name + " --help'");
      continue;
    }
    const auto last = positional.repeats ? words.size() : next + 1;
    Words values(words.begin() + static_cast<std::ptrdiff_t>(next),
                 words.begin() + static_cast<std::ptrdiff_t>(last));
    if (auto fine = check_choice(positional.name, values, positional.choices); !fine)
      return fine.error();
    arguments.put(positional.name, std::move(values));
    next = last;
  }
  if (next < words.size()) {
    if (looks_like_secret(words[next])) return secret_on_argv();
    return invalid("'" + words[next] + "' is one argument too many for " + name,
                   "run '" + name + " --help'");
  }
  return {};
}

}  // namespace

Result<Parsed> parse(const Command& root, const Words& typed) {
  Words words = typed;
  Parsed parsed;
  if (!words.empty() && words[0] == "help") {
    words.erase(words.begin());
    words.push_back("--help");
  }
  if (words == Words{"--version"} || words == Words{"-V"}) {
    parsed.version = true;
    parsed.path = {&root};
    return parsed;
  }
  auto located = locate(root, words);
  if (!located) return located.error();
  parsed.path = located->path;

  const auto wants_help = [&] {
    for (const auto& word : located->rest) {
      if (word == "--") return false;
      if (word == "--help" || word == "-h") return true;
    }
    return false;
  }();
  if (!wants_help && !parsed.path.back()->default_child.empty())
    parsed.path.push_back(parsed.path.back()->child(parsed.path.back()->default_child));
  const auto& leaf = *parsed.path.back();
  parsed.help = wants_help || leaf.handler == nullptr;
  const auto name = full_name(parsed.path);

  // Words after `--` are positionals whatever they look like.
  auto& rest = located->rest;
  const auto dashes = std::find(rest.begin(), rest.end(), "--");
  const Words verbatim(dashes == rest.end() ? dashes : dashes + 1, rest.end());
  rest.erase(dashes, rest.end());
  // CLI11 takes `--name=` for a name without a value; in two words the empty value counts.
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (!rest[i].starts_with("--") || rest[i].find('=') != rest[i].size() - 1) continue;
    rest[i].pop_back();
    rest.insert(rest.begin() + static_cast<std::ptrdiff_t>(i) + 1, "");
  }

  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  declare(app, root);
  if (&leaf != &root) declare(app, leaf);
  try {
    app.parse(Words(rest.rbegin(), rest.rend()));
  } catch (const CLI::ParseError&) {
    if (parsed.help) return parsed;
    return unreadable(rest, root, leaf, name);
  }
  if (parsed.help) return parsed;

  Words unknown, positionals;
  for (const auto& word : app.remaining())
    (is_option(word) ? unknown : positionals).push_back(word);
  if (!unknown.empty() && !positionals.empty()) unknown.push_back(positionals.back());
  positionals.insert(positionals.end(), verbatim.begin(), verbatim.end());
  if (auto fine = check_unknown(unknown, root, leaf, name); !fine) return fine.error();
  if (auto fine = collect_options(app, root, parsed.arguments); !fine) return fine.error();
  if (auto fine = collect_options(app, leaf, parsed.arguments); !fine) return fine.error();
  if (auto fine = collect_positionals(positionals, leaf, name, parsed.arguments); !fine)
    return fine.error();
  if (parsed.arguments.has("--dry-run") && leaf.effect != Effect::edits)
    return invalid(name + " changes nothing, so --dry-run has no meaning there");
  return parsed;
}

}  // namespace tpool::cli
