#include "core/ir/summary.hpp"

#include <utility>

namespace tpool::ir {
namespace {

constexpr std::string_view question =
    "The conversation so far is about to be replaced by a summary of it, written by you now. "
    "Whoever goes on will see that summary and nothing else of what was said above.\n\n"
    "Write it for them: what was asked for, in the user's own terms where wording matters; what "
    "was decided and why; what was done, with the names of files, commands, identifiers and "
    "values that will be needed again; what was found out, including what did not work; what is "
    "still open, and the next step. Keep instructions that remain in force. Leave out what no "
    "longer matters. Answer with the summary alone and call no tools.";

constexpr std::string_view introduction =
    "The earlier part of this conversation was replaced by this summary of it. Go on from it and "
    "do not repeat what it says was done.\n\n";

}  // namespace

void ask_for_summary(Request& request) {
  request.items.push_back({Message{Role::user, {{Text{std::string(question)}}}}});
  request.tool_choice = {};
  if (!request.tools.empty()) request.tool_choice.mode = ToolChoice::Mode::none;
  request.parallel_tool_calls.reset();
  request.format = {};
  request.max_output.reset();
  request.stop.clear();
  std::erase_if(request.extras, [](const Extra& extra) { return extra.name == "tool_choice"; });
}

Message told_as_summary(std::string_view summary) {
  return {Role::user, {{Text{std::string(introduction) + std::string(summary)}}}};
}

}  // namespace tpool::ir
