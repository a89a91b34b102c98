// The handlers of `tpool model`. A name with a provider's id before the slash is that provider's;
// any other is a model of the store's own.
#pragma once

#include <string>

#include "cli/command.hpp"
#include "cli/context.hpp"
#include "core/config/config.hpp"
#include "core/error.hpp"

namespace tpool::cli {

// A provider of the store with one of its models, or a bare model id.
struct NamedModel {
  std::string model;
  const config::Provider* provider = nullptr;
};
NamedModel read_model_name(const config::Config& config, const std::string& text);

Result<> model_list(Context& context);
Result<> model_show(Context& context);
Result<> model_add(Context& context);
Result<> model_edit(Context& context);
Result<> model_remove(Context& context);
Result<> model_alias(Context& context);
Result<> model_update(Context& context);

// What `edit` takes for a provider's model, and what it does then; one that is said of a model of
// the store's own is refused.
std::vector<Option> facts_options();
Result<> edit_facts(Context& context, const std::string& provider, const std::string& model);

}  // namespace tpool::cli
