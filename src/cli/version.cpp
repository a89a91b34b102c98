#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

Result<> version(Context& context) {
  if (!context.out.json()) {
    context.out.data("tpool " TPOOL_VERSION);
    return {};
  }
  std::string text;
  json::Writer writer(text);
  writer.begin_object().member("version", TPOOL_VERSION).end_object();
  context.out.document(text);
  return {};
}

}  // namespace

Command version_verb() {
  return {.name = "version",
          .summary = "Print the version",
          .examples = {{"version", ""}, {"version --json", ""}},
          .effect = Effect::prints,
          .handler = version};
}

}  // namespace tpool::cli
