// What the user says of one model of one provider.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "cli/apply_edit.hpp"
#include "cli/model.hpp"
#include "core/config/edit_model.hpp"
#include "core/config/words.hpp"

namespace tpool::cli {
namespace {

std::vector<std::string> split(const std::vector<std::string>& given) {
  std::vector<std::string> parts;
  for (const auto& value : given)
    for (std::size_t at = 0; at <= value.size();) {
      const auto end = std::min(value.find(',', at), value.size());
      if (end > at) parts.push_back(value.substr(at, end - at));
      at = end + 1;
    }
  return parts;
}

Result<std::optional<double>> price(const Arguments& args, const char* name) {
  const auto text = args.value(name);
  if (!text) return std::optional<double>{};
  char* end = nullptr;
  const double value = std::strtod(text->c_str(), &end);
  if (text->empty() || *end != '\0' || !std::isfinite(value) || value < 0)
    return invalid(std::string(name) + " must be USD per million tokens, such as 0.28");
  return std::optional<double>{value};
}

Result<config::ProviderModel> read_said(const Arguments& args, std::string id) {
  constexpr std::int64_t most_tokens = 1'000'000'000;
  config::ProviderModel said{.id = std::move(id)};
  said.name = args.value("--name");
  const auto context = args.integer("--context", 1, most_tokens);
  if (!context) return context.error();
  const auto output = args.integer("--output", 1, most_tokens);
  if (!output) return output.error();
  said.context = *context;
  said.output = *output;
  if (args.has("--input")) {
    said.input = split(args.values("--input"));
    for (const auto& kind : *said.input)
      if (!config::words::holds(config::words::modalities, kind))
        return invalid("--input cannot be " + kind,
                       "it is " + config::words::list(config::words::modalities) +
                           ", or several with commas between them");
  }
  if (args.has("--effort")) said.efforts = split(args.values("--effort"));
  said.tool_call = args.truth("--tools");
  said.reasoning = args.truth("--reasoning");
  config::Cost cost;
  for (const auto& [name, field] : {std::pair{"--cost-input", &cost.input},
                                    {"--cost-output", &cost.output},
                                    {"--cost-cache-read", &cost.cache_read},
                                    {"--cost-cache-write", &cost.cache_write}}) {
    const auto value = price(args, name);
    if (!value) return value.error();
    *field = *value;
  }
  if (cost != config::Cost{}) said.cost = cost;
  return said;
}

}  // namespace

Result<> edit_facts(Context& context, const std::string& provider, const std::string& model) {
  auto said = read_said(context.args, model);
  if (!said) return said.error();
  const bool afresh = context.args.has("--clear");
  if (*said == config::ProviderModel{.id = said->id} && !afresh)
    return invalid("nothing to change was named", "run 'tpool model edit --help' for the fields");
  return run_edit(
      context,
      [&](config::Config& config) { return config::edit_model(config, provider, *said, afresh); },
      {.next = "tpool model show " + provider + "/" + model});
}

std::vector<Option> facts_options() {
  return {{.name = "--name", .value = "NAME", .help = "what people call it"},
          {.name = "--context", .value = "N", .help = "tokens in and out together"},
          {.name = "--output", .value = "N", .help = "tokens of one answer"},
          {.name = "--input",
           .value = "KINDS",
           .help = "what it takes: text,image,audio,video,pdf",
           .repeats = true},
          {.name = "--tools", .value = "YES", .help = "calls tools", .choices = yes_or_no},
          {.name = "--reasoning", .value = "YES", .help = "thinks", .choices = yes_or_no},
          {.name = "--effort",
           .value = "LEVELS",
           .help = "levels of thinking: low,medium,high",
           .repeats = true},
          {.name = "--cost-input", .value = "USD", .help = "per million tokens"},
          {.name = "--cost-output", .value = "USD", .help = "per million tokens"},
          {.name = "--cost-cache-read", .value = "USD", .help = "per million tokens"},
          {.name = "--cost-cache-write", .value = "USD", .help = "per million tokens"},
          {.name = "--clear", .help = "forget what was said before"}};
}

}  // namespace tpool::cli
