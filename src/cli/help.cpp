#include "cli/help.hpp"

#include <algorithm>

#include "cli/commands.hpp"
#include "cli/terminal.hpp"

namespace tpool::cli {
namespace {

constexpr std::size_t page_width = 80;

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string rows_text(const Rows& rows, std::size_t most) {
  std::size_t left = 0;
  for (const auto& [head, words] : rows)
    if (display_width(head) <= most) left = std::max(left, display_width(head));
  std::string text;
  const std::string hanging(left + 4, ' ');
  for (const auto& [head, words] : rows) {
    text += "  " + head;
    if (words.empty()) {
      text += "\n";
      continue;
    }
    if (display_width(head) > left)
      text += "\n" + hanging;
    else
      text += std::string(left - display_width(head) + 2, ' ');
    text += wrapped(words, page_width - hanging.size(), hanging).substr(hanging.size());
  }
  return text;
}

// Comments stand in one column where the commands leave room, and are never broken.
std::string examples_text(const std::vector<Example>& examples) {
  constexpr std::size_t widest = 52;
  std::size_t column = 0;
  for (const auto& example : examples)
    if (const auto width = display_width(example_line(example)); width <= widest)
      column = std::max(column, width);
  std::string text;
  for (const auto& example : examples) {
    const auto line = example_line(example);
    text += "  " + line;
    if (!example.what.empty()) {
      const auto width = display_width(line);
      text += std::string(width < column ? column - width : 0, ' ') + "  # " + example.what;
    }
    text += "\n";
  }
  return text;
}

Rows option_rows(const std::vector<Option>& options) {
  Rows rows;
  for (const auto& option : options) {
    auto words = option.help;
    if (option.repeats) words += "; may be repeated";
    std::string choices;
    for (const auto& choice : option.choices) choices += (choices.empty() ? "" : ", ") + choice;
    if (!choices.empty()) words += ": " + choices;
    rows.emplace_back(option_head(option), words);
  }
  return rows;
}

}  // namespace

std::string option_head(const Option& option) {
  auto head = option.short_name.empty() ? option.name : option.short_name + ", " + option.name;
  if (!option.value.empty()) head += " " + option.value;
  return head;
}

std::string example_line(const Example& example) {
  return example.line.find("| tpool") == std::string::npos ||
                 example.line.starts_with("provider export")
             ? "tpool " + example.line
             : example.line;
}

std::string usage_line(const std::vector<const Command*>& path) {
  const auto& command = *path.back();
  auto line = full_name(path);
  if (!command.children.empty())
    return line + (command.default_child.empty() ? " COMMAND" : " [COMMAND]");
  for (const auto& positional : command.positionals) {
    auto name = positional.name + (positional.repeats ? "..." : "");
    line += positional.required ? " " + name : " [" + name + "]";
  }
  if (!command.options.empty()) line += " [options]";
  return line;
}

std::string help_text(const std::vector<const Command*>& path, const Output& out) {
  const auto& command = *path.back();
  const bool root = path.size() == 1;
  const auto title = [&](const char* words) { return "\n" + out.paint(Style::bold, words) + "\n"; };
  std::string text = command.summary + ".\n";
  if (!command.description.empty()) text += "\n" + wrapped(command.description, page_width, "");

  auto examples = command.examples;
  for (const auto& child : command.children)
    if (!root && !child.hidden && !child.examples.empty()) examples.push_back(child.examples[0]);
  if (!examples.empty()) text += title("EXAMPLES") + examples_text(examples);
  text += title("USAGE") + "  " + usage_line(path) + "\n";
  if (!command.children.empty()) {
    Rows rows;
    for (const auto& child : command.children) {
      if (child.hidden) continue;
      rows.emplace_back(
          child.name,
          child.summary + (child.name == command.default_child ? " (the default)" : ""));
    }
    text += title("COMMANDS") + rows_text(rows, 24);
  }
  if (!command.positionals.empty()) {
    Rows rows;
    for (const auto& positional : command.positionals) {
      std::string words = positional.help;
      for (std::size_t i = 0; i < positional.choices.size(); ++i)
        words += (i == 0 ? ": " : ", ") + positional.choices[i];
      rows.emplace_back(positional.name, words);
    }
    text += title("ARGUMENTS") + rows_text(rows, 24);
  }
  if (!root && !command.options.empty())
    text += title("OPTIONS") + rows_text(option_rows(command.options), 24);
  if (root) {
    text +=
        title("OPTIONS, BEFORE OR AFTER ANY COMMAND") + rows_text(option_rows(command.options), 24);
    text += "\nMore: tpool COMMAND --help, man tpool, man tpool.toml\n";
  } else if (command.children.empty()) {
    std::string common = "--quiet, --no-input, --color, --config";
    if (command.effect == Effect::edits) common = "--dry-run, --yes, --json, " + common;
    if (command.effect == Effect::prints) common = "--json, " + common;
    text += "\n" + wrapped("See tpool --help for " + common, page_width, "");
  }
  return text;
}

}  // namespace tpool::cli
