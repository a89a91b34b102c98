#include "core/config/edit_rule.hpp"

#include <algorithm>

#include "core/config/edit.hpp"
#include "core/config/edit_lookup.hpp"
#include "core/config/validator.hpp"

namespace tpool::config {
namespace {

using Text = std::optional<std::string>;

constexpr std::size_t longest_id = 64;

void assign(Text& field, const Text& value) {
  if (!value) return;
  if (value->empty())
    field.reset();
  else
    field = *value;
}

// One of a pair: the other goes when this one is named.
void assign_one_of(Text& field, const Text& value, Text& other) {
  assign(field, value);
  if (value && !value->empty()) other.reset();
}

Result<> only_one(const Text& one, const char* name, const Text& other, const char* other_name) {
  if (one && !one->empty() && other && !other->empty())
    return invalid(std::string("a rule takes ") + name + " or " + other_name + ", not both");
  return {};
}

Result<> known_model(const Config& config, const RuleFields& fields) {
  if (!fields.model || fields.model->empty()) return {};
  std::vector<std::string> known;
  for (const Model& model : config.models) {
    if (model.id == *fields.model) return {};
    known.push_back(model.id);
  }
  auto error = no_such("model", *fields.model, known);
  if (error.hint.empty()) error.hint = "add it first: tpool model add " + *fields.model;
  return error;
}

Result<> known_place(const Config& config, const RuleFields& fields) {
  if (fields.provider && !fields.provider->empty() && !find_provider(config, *fields.provider))
    return no_provider(config, *fields.provider);
  if (!fields.tag || fields.tag->empty()) return {};
  std::vector<std::string> known;
  for (const Provider& provider : config.providers)
    for (const std::string& tag : provider.tags) {
      if (tag == *fields.tag) return {};
      if (std::find(known.begin(), known.end(), tag) == known.end()) known.push_back(tag);
    }
  auto error = no_such("provider with the tag", *fields.tag, known);
  if (error.hint.empty())
    error.hint = "give it to one: tpool provider edit ID --tag " + *fields.tag;
  return error;
}

Result<> apply(const Config& config, Rule& rule, const RuleFields& fields) {
  for (const auto& checked : {only_one(fields.developer, "developer", fields.model, "model"),
                              only_one(fields.provider, "provider", fields.tag, "tag"),
                              only_one(fields.upstream, "upstream", fields.match, "match"),
                              known_model(config, fields), known_place(config, fields)})
    if (!checked) return checked.error();
  assign_one_of(rule.developer, fields.developer, rule.model);
  assign_one_of(rule.model, fields.model, rule.developer);
  assign_one_of(rule.provider, fields.provider, rule.tag);
  assign_one_of(rule.tag, fields.tag, rule.provider);
  assign_one_of(rule.upstream, fields.upstream, rule.match);
  assign_one_of(rule.match, fields.match, rule.upstream);
  assign(rule.when, fields.when);
  if (fields.priority) rule.priority = *fields.priority;
  if (fields.enabled) rule.enabled = *fields.enabled;
  return {};
}

std::vector<Rule>::iterator position_of(Config& config, const std::string& id) {
  return std::find_if(config.rules.begin(), config.rules.end(),
                      [&](const Rule& rule) { return rule.id == id; });
}

Error no_rule(const Config& config, const std::string& id) {
  std::vector<std::string> known;
  for (const Rule& rule : config.rules) known.push_back(rule.id);
  auto error = no_such("rule", id, known);
  if (error.hint.empty())
    error.hint =
        known.empty() ? "there are none yet: tpool rule add" : "tpool rule list shows them";
  return error;
}

std::string derived_id(Config& config, const Rule& rule) {
  std::string id = rule.developer.value_or(rule.model.value_or("")) + "-" +
                   rule.provider.value_or(rule.tag.value_or(""));
  for (char& c : id)
    if (!is_word_byte(c)) c = '-';
  id.resize(std::min(id.size(), longest_id - 4));
  auto free = id;
  for (int number = 2; position_of(config, free) != config.rules.end(); ++number)
    free = id + "-" + std::to_string(number);
  return free;
}

}  // namespace

Result<Change> add_rule(Config& config, const Text& id, const RuleFields& fields) {
  Rule rule;
  if (auto applied = apply(config, rule, fields); !applied) return applied.error();
  if (!rule.developer && !rule.model)
    return invalid("which models is the rule for?", "name --developer or --model");
  if (!rule.provider && !rule.tag)
    return invalid("where may they run?", "name --provider or --tag");
  if (id && position_of(config, *id) != config.rules.end())
    return conflict("there is already a rule " + *id, "change it with: tpool rule edit " + *id);
  rule.id = id ? *id : derived_id(config, rule);
  Change change{"added rule " + rule.id};
  config.rules.push_back(std::move(rule));
  return change;
}

Result<Change> edit_rule(Config& config, const std::string& id, const RuleFields& fields) {
  const auto found = position_of(config, id);
  if (found == config.rules.end()) return no_rule(config, id);
  const Rule before = *found;
  if (auto applied = apply(config, *found, fields); !applied) return applied.error();
  if (*found == before) return Change{"rule " + id + " is already so"};
  return Change{"edited rule " + id};
}

Result<Change> move_rule(Config& config, const std::string& id, const Text& before,
                         const Text& after) {
  if (before.has_value() == after.has_value())
    return invalid("say where to: before one rule or after one");
  const auto found = position_of(config, id);
  if (found == config.rules.end()) return no_rule(config, id);
  const std::string& other = before ? *before : *after;
  if (position_of(config, other) == config.rules.end()) return no_rule(config, other);
  const std::string where = (before ? " before " : " after ") + other;
  if (id == other) return invalid("a rule cannot move" + where + ", itself");
  const auto old_order = config.rules;
  Rule rule = std::move(*found);
  config.rules.erase(found);
  const auto target = position_of(config, other);
  const bool same_priority = target->priority == rule.priority;
  config.rules.insert(before ? target : target + 1, std::move(rule));
  if (config.rules == old_order) return Change{"rule " + id + " is already" + where};
  Change change{"moved rule " + id + where};
  if (!same_priority)
    change.notes.push_back(
        "their priorities differ, and those go before the order: tpool rule "
        "edit " +
        id + " --priority N");
  return change;
}

Result<Change> remove_rule(Config& config, const std::string& id) {
  const auto found = position_of(config, id);
  if (found == config.rules.end()) return no_rule(config, id);
  config.rules.erase(found);
  return Change{"removed rule " + id};
}

}  // namespace tpool::config
