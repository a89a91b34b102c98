// Every quirk, and every value it may have, changes what a golden case says: else nobody would see
// that a codec forgot it.
#include <doctest/doctest.h>

#include <algorithm>

#include "golden_case.hpp"

using namespace tpool;
using namespace tpool::protocol;
using namespace tpool::protocol::golden;

namespace {

// What a case says for every provider protocol, or what is heard from the case's own.
std::string told(const fs::path& path, const Quirk* without) {
  const Target target = target_of(path, without);
  const fs::path folder = path.parent_path();
  std::string out;
  const auto from = parse_protocol(folder.filename().string());
  REQUIRE(from);
  if (folder.parent_path().filename() == "request") {
    const auto request = codec(*from)->decode_request(read(path));
    REQUIRE(request.has_value());
    for (const Protocol to : providers) {
      const Encoded encoded = provider_codec(to)->encode_request(*request, target);
      out += encoded.body + "\n" + ir::summary(encoded.losses) + "\n";
    }
    return out;
  }
  const std::string bytes = read(path);
  const auto events = path.extension() == ".sse"
                          ? decode(*provider_codec(*from), bytes, bytes.size() + 1,
                                   names_of(path, *from, target), target)
                          : provider_codec(*from)->decode_answer(bytes, {}, target);
  return encode(*codec(Protocol::responses), events);
}

// The values a quirk may have, of those that are few; the hint of a wrong one names them.
std::vector<std::string> choices_of(const std::string& name) {
  Dialect dialect;
  const auto refused = set_quirk(dialect, name, "no such value!");
  REQUIRE(refused.has_error());
  std::string hint = refused.error().hint;
  if (hint == "use true or false") hint = "use one of true, false";
  constexpr std::string_view opening = "use one of ";
  if (!hint.starts_with(opening)) return {};
  std::vector<std::string> choices;
  for (std::size_t at = opening.size(); at < hint.size();) {
    const std::size_t end = std::min(hint.find(", ", at), hint.size());
    choices.push_back(hint.substr(at, end - at));
    at = end + 2;
  }
  return choices;
}

}  // namespace

TEST_CASE("every quirk, and every value it may have, has a golden case that it changes") {
  std::vector<Quirk> changing;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(TPOOL_TESTS_DIR) / "golden")) {
    if (entry.path().extension() != ".quirks") continue;
    const fs::path path =
        beside(entry.path(), fs::exists(beside(entry.path(), ".sse")) ? ".sse" : ".json");
    CAPTURE(path.string());
    REQUIRE(fs::exists(path));
    const std::string all = told(path, nullptr);
    for (const Quirk& quirk : quirks_of(path))
      if (told(path, &quirk) != all) changing.push_back(quirk);
  }
  for (const std::string_view view : quirk_names()) {
    const std::string name(view);
    // Routing reads this one; no codec does.
    if (name == "responses_compaction") continue;
    const auto choices = choices_of(name);
    CAPTURE(name);
    const auto has = [&](const std::string& value) {
      return std::any_of(changing.begin(), changing.end(), [&](const Quirk& quirk) {
        return quirk.first == name && (value.empty() || quirk.second == value);
      });
    };
    CHECK(has(""));
    for (const std::string& choice : choices) {
      CAPTURE(choice);
      Dialect set;
      REQUIRE(set_quirk(set, name, choice).has_value());
      if (set != Dialect{}) CHECK(has(choice));
    }
  }
}
