#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/terminal.hpp"
#include "core/json/value.hpp"

namespace tpool::cli {
namespace {

// The reply in lines of `name value`, nested names joined by dots: whatever serve tells is shown.
void flatten(const Output& out, const std::string& name, json::Value value, std::string& text) {
  if (value.is_object() || (value.is_array() && value.size() > 0 && value.at(0).is_object())) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto member = value.is_object() ? value.member_at(i) : value.at(i);
      const auto part = value.is_object() ? std::string(value.name_at(i))
                                          : std::string(member["id"].string_or(std::to_string(i)));
      flatten(out, name.empty() ? part : name + "." + part, member, text);
    }
    return;
  }
  if (!value) return;
  std::string words;
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i)
      words += (i == 0 ? "" : ", ") + std::string(value.at(i).string_or(value.at(i).text()));
  } else {
    words = value.string() ? std::string(*value.string()) : value.text();
  }
  std::string head = name;
  if (head.size() < 24) head.resize(24, ' ');
  text += out.paint(Style::dim, head) + " " + printable(words) + "\n";
}

Result<> status(Context& context) {
  const auto reply = admin_call(context.paths, "GET", "/api/status");
  if (!reply) return reply.error();
  const auto document = json::Document::parse(*reply, "the status of serve");
  if (!document) return document.error();
  if (context.out.json()) {
    context.out.document(*reply);
    return {};
  }
  std::string text;
  flatten(context.out, "", document->root(), text);
  context.out.data(text);
  return {};
}

}  // namespace

Command status_verb() {
  return {.name = "status",
          .summary = "Say how a running serve is doing",
          .description = "Exit code 6 when none is running.",
          .examples = {{"status", ""}, {"status --json", ""}},
          .effect = Effect::prints,
          .handler = status};
}

}  // namespace tpool::cli
