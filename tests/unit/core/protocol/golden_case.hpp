// A golden case: its files, its quirks and the request its tools come from, and how its bytes are
// decoded and said again. A case's dialect is in CASE.quirks (name = value), the request its tools
// come from in CASE.request.json.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/protocol/registry.hpp"

namespace tpool::protocol::golden {

namespace fs = std::filesystem;

inline constexpr Protocol clients[] = {Protocol::responses, Protocol::chat, Protocol::messages};
inline constexpr Protocol providers[] = {Protocol::responses, Protocol::chat, Protocol::messages,
                                         Protocol::gemini};

inline std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline fs::path beside(const fs::path& path, const std::string& ending) {
  return path.parent_path() / (path.stem().string() + ending);
}

using Quirk = std::pair<std::string, std::string>;  // name and value

inline std::vector<Quirk> quirks_of(const fs::path& path) {
  std::vector<Quirk> quirks;
  std::istringstream lines(read(beside(path, ".quirks")));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find(" = ");
    REQUIRE(equals != std::string::npos);
    quirks.emplace_back(line.substr(0, equals), line.substr(equals + 3));
  }
  return quirks;
}

// `without`: one of them that is left out.
inline Target target_of(const fs::path& path, const Quirk* without = nullptr) {
  Target target{"deepseek", "deepseek-chat"};
  for (const auto& quirk : quirks_of(path)) {
    if (without && quirk == *without) continue;
    const auto set = set_quirk(target.dialect, quirk.first, quirk.second);
    REQUIRE_MESSAGE(set.has_value(), quirk.first);
  }
  return target;
}

inline ReplyContext context_for() {
  ReplyContext context;
  context.model = "deepseek/deepseek-chat";
  context.answer_id = "resp_golden";
  context.created_at = 1'760'000'000;
  context.provider = "deepseek";
  context.upstream_model = "deepseek-chat";
  context.seal_key = "golden key";
  return context;
}

inline ir::ToolNames names_of(const fs::path& path, Protocol protocol, const Target& target) {
  const fs::path request = beside(path, ".request.json");
  if (!fs::exists(request)) return {};
  const auto decoded = codec(Protocol::responses)->decode_request(read(request));
  REQUIRE(decoded.has_value());
  return provider_codec(protocol)->encode_request(*decoded, target).names;
}

inline std::vector<ir::Event> decode(const ProviderCodec& codec, std::string_view bytes,
                                     std::size_t step, const ir::ToolNames& names,
                                     const Target& target) {
  std::vector<ir::Event> events;
  const auto decoder = codec.decoder(names, target);
  SseReader reader;
  SseEvent event;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    reader.feed(bytes.substr(at, step));
    while (reader.next(event)) decoder->feed(event, events);
  }
  if (reader.end(event)) decoder->feed(event, events);
  decoder->end(events);
  return events;
}

inline std::string encode(const Codec& codec, const std::vector<ir::Event>& events) {
  std::string out;
  const auto encoder = codec.encoder(context_for());
  for (const ir::Event& event : events) encoder->write(event, out);
  return out;
}

}  // namespace tpool::protocol::golden
