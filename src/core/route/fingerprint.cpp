#include "core/route/fingerprint.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/route/random.hpp"

namespace tpool::route {
namespace {

constexpr double bytes_per_token = 4;
constexpr double an_hour = 3600;
constexpr std::size_t most_boundaries = 512;
// Of a long conversation: where others may have parted from it.
constexpr std::size_t first_boundaries = 8;

constexpr std::array<std::string_view, 4> preambles{"tools", "tool_choice", "instructions",
                                                    "system"};
constexpr std::array<std::string_view, 3> conversations{"input", "messages", "contents"};

std::uint64_t add(std::uint64_t seed, std::string_view text) {
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    seed = (seed ^ word) * 0x9fb21c651e98df25ULL;
    seed ^= seed >> 32;
  }
  std::uint64_t rest = text.size();
  for (; left > 0; ++at, --left) rest = rest << 8 | static_cast<unsigned char>(*at);
  return mix(seed ^ rest);
}

// Past the string that begins at `at`.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    const void* quote = std::memchr(text.data() + at, '"', text.size() - at);
    if (!quote) return text.size();
    at = static_cast<std::size_t>(static_cast<const char*>(quote) - text.data());
    std::size_t slashes = 0;
    while (text[at - 1 - slashes] == '\\') ++slashes;
    if (slashes % 2 == 0) return at + 1;
  }
  return text.size();
}

// Calls `visit` with the text of each element of a valid JSON array.
template <class Visit>
void each_element(std::string_view array, Visit visit) {
  int depth = 0;
  std::size_t begin = 1;
  for (std::size_t at = 0; at < array.size();) {
    const char c = array[at];
    if (c == '"') {
      at = string_end(array, at);
      continue;
    }
    depth += (c == '[' || c == '{') - (c == ']' || c == '}');
    if ((c == ',' && depth == 1) || depth == 0) {
      visit(array.substr(begin, at - begin));
      begin = at + 1;
    }
    ++at;
  }
}

std::string_view text_of(const json::Member& member, std::string_view body) {
  return body.substr(member.value.begin, member.value.end - member.value.begin);
}

// The first ones and the newest stay.
void drop_middle(std::vector<Boundary>& prompt) {
  if (prompt.size() <= most_boundaries) return;
  const auto first = prompt.begin() + static_cast<std::ptrdiff_t>(first_boundaries);
  prompt.erase(first,
               prompt.end() - static_cast<std::ptrdiff_t>(most_boundaries - first_boundaries));
}

bool kept_longer(std::string_view name, std::string_view text) {
  if (name == "prompt_cache_retention") return text == "\"24h\"";
  return (name == "system" || name == "tools") && text.find("1h\"") != text.npos &&
         text.find("\"ttl\"") != text.npos;
}

}  // namespace

Fingerprints fingerprint(const json::Scan& scan, std::string_view body, double usual_life_s) {
  Fingerprints made;
  made.life_s = usual_life_s;
  std::uint64_t seed = 1;
  double bytes = 0;
  const auto end_here = [&] {
    // A body of millions of short items must not need many times its own room.
    if (made.prompt.size() == 2 * most_boundaries) drop_middle(made.prompt);
    made.prompt.push_back({seed, bytes / bytes_per_token});
  };
  // In an order of our own: clients may write the members in any.
  for (const auto name : preambles)
    for (const auto& member : scan.members) {
      if (member.name != name) continue;
      const auto text = text_of(member, body);
      seed = add(mix(seed, name.size()), text);
      bytes += static_cast<double>(text.size());
    }
  for (const auto& member : scan.members)
    if (kept_longer(member.name, text_of(member, body)))
      made.life_s = std::max(usual_life_s, an_hour);
  end_here();
  for (const auto& member : scan.members) {
    if (std::ranges::find(conversations, member.name) == conversations.end()) continue;
    const auto text = text_of(member, body);
    const auto take = [&](std::string_view element) {
      seed = add(seed, element);
      bytes += static_cast<double>(element.size());
      end_here();
    };
    if (text.starts_with('['))
      each_element(text, take);
    else
      take(text);
  }
  drop_middle(made.prompt);
  return made;
}

}  // namespace tpool::route
