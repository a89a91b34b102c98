#include "core/catalog/facts_book.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>

#include "core/catalog/presets.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::catalog {
namespace {

constexpr std::size_t most_models = 50'000;
constexpr std::size_t longest_text = 200;
constexpr std::int64_t most_tokens = 1'000'000'000;
constexpr double highest_price = 1'000'000;

std::string lowered(std::string_view text) {
  std::string result(text);
  for (auto& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= longest_text &&
         std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string word_of(const json::Value& value) {
  const auto text = value.string_or("");
  return is_plain(text) ? std::string(text) : std::string();
}

std::vector<std::string> words_of(const json::Value& list) {
  constexpr std::size_t most = 16;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < std::min(list.size(), most); ++i)
    if (auto word = word_of(list.at(i)); !word.empty()) words.push_back(std::move(word));
  return words;
}

std::optional<std::int64_t> tokens_of(const json::Value& value) {
  const auto number = value.number();
  if (!number || !(*number >= 1) || *number > most_tokens) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<double> price_of(const json::Value& value) {
  const auto number = value.number();
  if (!number || !(*number >= 0) || *number > highest_price) return std::nullopt;
  return number;
}

// [{"type":"effort","values":["low","high"]}]; an older form is the list itself.
std::vector<std::string> efforts_of(const json::Value& model) {
  const auto options = model["reasoning_options"];
  for (std::size_t i = 0; i < options.size(); ++i)
    if (options.at(i)["type"].string_or("") == "effort") return words_of(options.at(i)["values"]);
  return words_of(model["efforts"]);
}

std::string middle_of(const std::vector<std::string>& efforts) {
  if (efforts.empty()) return {};
  for (const auto& effort : efforts)
    if (effort == "medium") return effort;
  return efforts[(efforts.size() - 1) / 2];
}

Facts facts_from(const json::Value& model) {
  Facts facts;
  facts.name = word_of(model["name"]);
  facts.developer = word_of(model["developer"]);
  facts.context = tokens_of(model["limit"]["context"]);
  facts.output = tokens_of(model["limit"]["output"]);
  facts.input = words_of(model["modalities"]["input"]);
  facts.tool_call = model["tool_call"].boolean();
  facts.reasoning = model["reasoning"].boolean();
  facts.efforts = efforts_of(model);
  facts.default_effort = middle_of(facts.efforts);
  const auto cost = model["cost"];
  facts.cost = {price_of(cost["input"]), price_of(cost["output"]), price_of(cost["cache_read"]),
                price_of(cost["cache_write"])};
  return facts;
}

// models.dev's id of a preset's provider, where it has another.
struct OtherId {
  std::string_view theirs;
  std::string_view ours;
};
constexpr OtherId other_ids[] = {
    {"moonshotai", "moonshot"},
    {"moonshotai-cn", "moonshot-cn"},
    {"zhipuai", "zhipu"},
    {"zhipuai-coding-plan", "zhipu-coding"},
    {"zai-coding-plan", "zai-coding"},
    {"alibaba", "qwen"},
    {"alibaba-cn", "qwen-cn"},
    {"togetherai", "together"},
    {"fireworks-ai", "fireworks"},
};

std::string_view seller_of(std::string_view theirs) {
  for (const auto& other : other_ids)
    if (other.theirs == theirs) return other.ours;
  return find_preset(theirs) ? theirs : std::string_view();
}

// The members may be keyed by id, or listed with an id inside.
template <class Use>
void for_each_named(const json::Value& group, Use use) {
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto member = group.is_object() ? group.member_at(i) : group.at(i);
    const auto inside = member["id"].string_or("");
    use(group.is_object() ? group.name_at(i) : inside, member);
  }
}

std::string bare(std::string_view id) {
  const auto slash = id.rfind('/');
  return lowered(slash == std::string_view::npos ? id : id.substr(slash + 1));
}

void write_words(json::Writer& out, std::string_view name, const std::vector<std::string>& words) {
  out.key(name).begin_array();
  for (const auto& word : words) out.string(word);
  out.end_array();
}

void write_facts(json::Writer& out, const Facts& facts) {
  out.begin_object();
  if (!facts.name.empty()) out.member("name", facts.name);
  if (!facts.developer.empty()) out.member("developer", facts.developer);
  if (facts.tool_call) out.member("tool_call", *facts.tool_call);
  if (facts.reasoning) out.member("reasoning", *facts.reasoning);
  if (!facts.efforts.empty()) write_words(out, "efforts", facts.efforts);
  out.key("limit").begin_object();
  if (facts.context) out.member("context", *facts.context);
  if (facts.output) out.member("output", *facts.output);
  out.end_object();
  if (!facts.input.empty()) {
    out.key("modalities").begin_object();
    write_words(out, "input", facts.input);
    out.end_object();
  }
  out.key("cost").begin_object();
  if (facts.cost.input) out.member("input", *facts.cost.input);
  if (facts.cost.output) out.member("output", *facts.cost.output);
  if (facts.cost.cache_read) out.member("cache_read", *facts.cost.cache_read);
  if (facts.cost.cache_write) out.member("cache_write", *facts.cost.cache_write);
  out.end_object().end_object();
}

}  // namespace

Result<FactsBook> FactsBook::parse(std::string_view json, std::string date, std::string source) {
  if (json.starts_with("\xef\xbb\xbf")) json.remove_prefix(3);
  auto document = json::Document::parse(json, "model catalog");
  if (!document) return document.error();
  const auto root = document->root();
  FactsBook book;
  book.date_ = std::move(date);
  book.source_ = std::move(source);
  std::size_t seen = 0;
  const auto& sellers = root["providers"] ? root["providers"] : root;
  for_each_named(sellers, [&](std::string_view theirs, const json::Value& seller) {
    const auto id = seller_of(theirs);
    const auto models = seller["models"];
    if (id.empty() || !(models.is_object() || models.is_array())) return;
    auto& kept = book.sellers_[std::string(id)];
    for_each_named(models, [&](std::string_view model, const json::Value& said) {
      if (!is_plain(model) || !said.is_object() || ++seen > most_models) return;
      kept.insert_or_assign(lowered(model), facts_from(said));
    });
    if (kept.empty()) book.sellers_.erase(std::string(id));
  });
  if (seen > most_models)
    return invalid("the model catalog has more than 50,000 models", "is it the right document?");
  if (book.sellers_.empty())
    return invalid("the document holds no model of a provider tpool knows",
                   "it has the shape of https://models.dev/api.json: providers by id, each with "
                   "`models` by id");
  book.index();
  return book;
}

void FactsBook::index() {
  by_name_.clear();
  // A developer's own list, which spells ids without a vendor, goes before a reseller's.
  for (const bool with_vendor : {false, true})
    for (const auto& preset : presets()) {
      const auto seller = sellers_.find(preset.id);
      if (seller == sellers_.end()) continue;
      for (const auto& [id, facts] : seller->second)
        if ((id.find('/') != std::string::npos) == with_vendor) by_name_.emplace(bare(id), &facts);
    }
}

std::size_t FactsBook::size() const {
  std::size_t count = 0;
  for (const auto& [seller, models] : sellers_) count += models.size();
  return count;
}

const Facts* FactsBook::at(std::string_view seller, std::string_view model_id) const {
  const auto found = sellers_.find(seller);
  if (found == sellers_.end()) return nullptr;
  const auto model = found->second.find(lowered(model_id));
  return model == found->second.end() ? nullptr : &model->second;
}

const Facts* FactsBook::anywhere(std::string_view model_id) const {
  const auto found = by_name_.find(bare(model_id));
  return found == by_name_.end() ? nullptr : found->second;
}

std::string FactsBook::text() const {
  std::string text;
  json::Writer out(text);
  out.begin_object().member("fetched", date_).member("source", source_);
  out.key("providers").begin_object();
  for (const auto& [seller, models] : sellers_) {
    out.key(seller).begin_object().key("models").begin_object();
    for (const auto& [id, facts] : models) {
      out.key(id);
      write_facts(out, facts);
    }
    out.end_object().end_object();
  }
  out.end_object().end_object();
  text += '\n';
  return text;
}

}  // namespace tpool::catalog
