#include "core/catalog/facts.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "core/catalog/facts_book.hpp"
#include "core/catalog/facts_table.hpp"
#include "core/catalog/pool.hpp"

namespace tpool::catalog {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

const BundledFacts* find_bundled(std::string_view id) {
  const auto* found = std::find_if(std::begin(bundled_facts), std::end(bundled_facts),
                                   [&](const BundledFacts& facts) { return facts.id == id; });
  return found == std::end(bundled_facts) ? nullptr : found;
}

// -2025-12-01, -20251201, -251201 or -1201, and :tag or @tag; true when something was taken off.
bool take_suffix(std::string_view& id) {
  const auto tag = id.find_last_of(":@");
  if (tag != std::string_view::npos && tag > 0) {
    id = id.substr(0, tag);
    return true;
  }
  const auto iso = std::string_view("-2025-12-01").size();
  if (id.size() > iso) {
    const auto tail = id.substr(id.size() - iso);
    if (tail[0] == '-' && is_digits(tail.substr(1, 4)) && tail[5] == '-' &&
        is_digits(tail.substr(6, 2)) && tail[8] == '-' && is_digits(tail.substr(9))) {
      id.remove_suffix(iso);
      return true;
    }
  }
  for (const std::size_t digits : {8, 6, 4}) {
    if (id.size() <= digits + 1) continue;
    const auto tail = id.substr(id.size() - digits - 1);
    if (tail[0] == '-' && is_digits(tail.substr(1))) {
      id.remove_suffix(digits + 1);
      return true;
    }
  }
  for (const std::string_view word : {"-latest", "-preview"}) {
    if (id.size() > word.size() && id.ends_with(word)) {
      id.remove_suffix(word.size());
      return true;
    }
  }
  return false;
}

std::string lowered(std::string_view text) {
  std::string result(text);
  for (auto& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

const BundledFacts* bundled(std::string_view spelled) {
  const auto lower = lowered(spelled);
  std::string_view id = lower;
  if (const auto* exact = find_bundled(id)) return exact;
  const auto slash = id.rfind('/');
  if (slash != std::string_view::npos) id.remove_prefix(slash + 1);
  do {
    if (const auto* found = find_bundled(id)) return found;
  } while (take_suffix(id));
  return nullptr;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    result.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::optional<std::int64_t> known(std::int64_t value) {
  if (value < 0) return std::nullopt;
  return value;
}
std::optional<double> known(double value) {
  if (value < 0) return std::nullopt;
  return value;
}
std::optional<bool> known(Known value) {
  if (value == Known::unknown) return std::nullopt;
  return value == Known::yes;
}

Facts from_table(const BundledFacts& entry, std::string_view id, const config::Provider* provider) {
  Facts facts;
  facts.name = entry.name;
  facts.developer = entry.developer;
  facts.context = known(entry.context);
  facts.output = known(entry.output);
  facts.input = words(entry.input);
  facts.tool_call = known(entry.tool_call);
  facts.reasoning = known(entry.reasoning);
  facts.efforts = words(entry.efforts);
  facts.default_effort = entry.default_effort;
  // A price belongs to whoever asks it: the same model elsewhere costs what that provider says.
  // A tag such as :free is another offer altogether.
  const bool tagged = id.find_first_of(":@") != std::string_view::npos;
  const bool sold_here = !tagged && (!provider || provider->preset == entry.seller);
  if (sold_here) {
    facts.cost = {known(entry.price.input), known(entry.price.output),
                  known(entry.price.cache_read), known(entry.price.cache_write)};
    if (facts.cost != config::Cost{}) facts.price_date = bundled_price_date;
  }
  return facts;
}

void override_with(Facts& facts, const config::ProviderModel& said) {
  if (said.name) facts.name = *said.name;
  if (said.context) facts.context = said.context;
  if (said.output) facts.output = said.output;
  if (said.input) facts.input = *said.input;
  if (said.tool_call) facts.tool_call = said.tool_call;
  if (said.reasoning) facts.reasoning = said.reasoning;
  if (said.efforts) {
    facts.efforts = *said.efforts;
    if (std::find(facts.efforts.begin(), facts.efforts.end(), facts.default_effort) ==
        facts.efforts.end())
      facts.default_effort =
          facts.efforts.empty() ? std::string() : facts.efforts[(facts.efforts.size() - 1) / 2];
    if (!facts.efforts.empty() && !said.reasoning) facts.reasoning = true;
  }
  if (said.reasoning == false) {
    facts.efforts.clear();
    facts.default_effort.clear();
  }
  if (!said.cost) return;
  facts.price_date.clear();
  if (said.cost->input) facts.cost.input = said.cost->input;
  if (said.cost->output) facts.cost.output = said.cost->output;
  if (said.cost->cache_read) facts.cost.cache_read = said.cost->cache_read;
  if (said.cost->cache_write) facts.cost.cache_write = said.cost->cache_write;
}

// Everything `newer` knows; its prices only where they are the seller's own.
void lay_over(Facts& facts, const Facts& newer, bool prices_too) {
  if (!newer.name.empty()) facts.name = newer.name;
  if (!newer.developer.empty()) facts.developer = newer.developer;
  if (newer.context) facts.context = newer.context;
  if (newer.output) facts.output = newer.output;
  if (!newer.input.empty()) facts.input = newer.input;
  if (newer.tool_call) facts.tool_call = newer.tool_call;
  if (newer.reasoning) facts.reasoning = newer.reasoning;
  if (!newer.efforts.empty()) {
    facts.efforts = newer.efforts;
    facts.default_effort = newer.default_effort;
  }
  if (newer.reasoning == false) {
    facts.efforts.clear();
    facts.default_effort.clear();
  }
  if (!prices_too || newer.cost == config::Cost{}) return;
  facts.cost = newer.cost;
  facts.price_date = newer.price_date;
}

// What the book says of a model; nothing where it is silent.
Facts from_book(const FactsBook& book, std::string_view id, const config::Provider* provider) {
  Facts facts;
  const auto seller = provider ? provider->preset.value_or("") : std::string();
  const bool tagged = id.find_first_of(":@") != std::string_view::npos;
  const auto* own = book.at(seller, id);
  const auto* found = own;
  for (auto shorter = id; !found;) {
    found = book.anywhere(shorter);
    if (!found && !take_suffix(shorter)) return facts;
  }
  lay_over(facts, *found, false);
  // A dated id is sold at the price of the plain one; a tagged one is another offer.
  if (!own && !tagged)
    for (auto shorter = id; !own && take_suffix(shorter);) own = book.at(seller, shorter);
  if (own) facts.cost = own->cost;
  if (facts.cost != config::Cost{}) facts.price_date = book.date();
  return facts;
}

const config::ProviderModel* said_of(std::string_view id, const config::Provider* provider) {
  const config::ProviderModel* said = nullptr;
  if (provider)
    for (const auto& entry : provider->model_facts)
      if (strip_marker(entry.id).name == id) said = &entry;
  return said;
}

}  // namespace

bool Facts::takes_images() const {
  return std::find(input.begin(), input.end(), "image") != input.end();
}

std::vector<Layer> layers_of(std::string_view model_id, const config::Provider* provider,
                             const FactsBook* book) {
  const auto id = strip_marker(model_id).name;
  const auto* said = said_of(id, provider);
  // What the store says of `fast = deepseek-chat` starts from what is known of deepseek-chat.
  const auto* other = said && said->upstream ? &*said->upstream : nullptr;
  const auto* entry = bundled(id);
  if (!entry && other) entry = bundled(*other);
  std::vector<Layer> layers;
  layers.push_back({"bundled", entry ? from_table(*entry, id, provider) : Facts{}});
  if (book) {
    auto facts = from_book(*book, id, provider);
    if (facts == Facts{} && other) facts = from_book(*book, *other, provider);
    layers.push_back({"updated", std::move(facts)});
  }
  if (said) {
    Facts facts;
    override_with(facts, *said);
    layers.push_back({"store", std::move(facts)});
  }
  return layers;
}

Facts facts_for(std::string_view model_id, const config::Provider* provider,
                const FactsBook* book) {
  const auto id = strip_marker(model_id).name;
  Facts facts;
  for (const auto& layer : layers_of(id, provider, book))
    if (layer.source != "store") lay_over(facts, layer.facts, true);
  if (facts.developer.empty()) {
    const auto slash = id.find('/');
    facts.developer = slash == std::string::npos || slash == 0 ? "unknown" : id.substr(0, slash);
  }
  if (const auto* said = said_of(id, provider)) override_with(facts, *said);
  return facts;
}

Facts facts_for(std::string_view model_id, const Resolved& provider) {
  return facts_for(model_id, provider.stored, provider.book.get());
}

std::string_view price_date() { return bundled_price_date; }

}  // namespace tpool::catalog
