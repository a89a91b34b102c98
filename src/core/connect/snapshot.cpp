#include "core/connect/snapshot.hpp"

#include <system_error>

#include "core/config/paths.hpp"
#include "core/config/private_file.hpp"
#include "core/digest.hpp"
#include "core/json/utf8.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::connect {
namespace {

namespace fs = std::filesystem;

fs::path place_of(const fs::path& folder, const fs::path& file) {
  return folder / (sha256_hex(file.string()).substr(0, 24) + ".json");
}

std::string to_json(const Snapshot& snapshot) {
  std::string text;
  json::Writer out(text);
  out.begin_object()
      .member("file", snapshot.file.string())
      .member("existed", snapshot.existed)
      .member("text", snapshot.text);
  if (snapshot.mode) out.member("mode", std::int64_t{*snapshot.mode});
  out.key("ours").begin_array();
  for (const auto& ours : snapshot.ours) out.string(ours);
  out.end_array().key("written").begin_object();
  for (const auto& [key, values] : snapshot.written) {
    out.key(key).begin_array();
    for (const auto& value : values) out.string(value);
    out.end_array();
  }
  out.end_object().end_object();
  return text;
}

std::optional<Snapshot> from_json(const json::Value& root) {
  const auto file = root["file"].string();
  const auto existed = root["existed"].boolean();
  const auto text = root["text"].string();
  if (!file || !existed || !text || !root["ours"].is_array() || !root["written"].is_object())
    return std::nullopt;
  Snapshot snapshot;
  snapshot.file = std::string(*file);
  snapshot.existed = *existed;
  snapshot.text = *text;
  if (const auto mode = root["mode"].integer(); mode && *mode >= 0 && *mode <= 07777)
    snapshot.mode = static_cast<unsigned>(*mode);
  for (std::size_t i = 0; i < root["ours"].size(); ++i)
    snapshot.ours.emplace_back(root["ours"].at(i).string_or(""));
  const auto written = root["written"];
  for (std::size_t i = 0; i < written.size(); ++i) {
    auto& values = snapshot.written[std::string(written.name_at(i))];
    const auto list = written.member_at(i);
    for (std::size_t k = 0; k < list.size(); ++k) values.emplace(list.at(k).string_or(""));
  }
  return snapshot;
}

}  // namespace

Result<std::optional<Snapshot>> load_snapshot(const fs::path& folder, const fs::path& file) {
  const auto place = place_of(folder, file);
  auto text = config::read_file(place);
  if (!text) {
    if (text.error().code == Code::not_found) return std::optional<Snapshot>();
    return text.error();
  }
  auto document = json::Document::parse(*text, "snapshot");
  auto snapshot = document ? from_json(document->root()) : std::nullopt;
  if (!snapshot || snapshot->file != file)
    return corrupt("the snapshot " + place.string() + " of " + file.string() + " is damaged",
                   "compare " + file.string() + " with a backup of your own");
  return snapshot;
}

Result<> save_snapshot(const fs::path& folder, const Snapshot& snapshot) {
  // A snapshot is JSON: other bytes would come back as something else.
  if (json::find_invalid_utf8(snapshot.text) != std::string_view::npos)
    return conflict(snapshot.file.string() + " is not UTF-8, so it could not be put back as it is",
                    "move it away, and run this again; nothing was written");
  if (auto made = config::make_private_folder(folder); !made) return made.error();
  const auto place = place_of(folder, snapshot.file);
  config::sweep_leftovers(place);
  return config::replace_file(place, to_json(snapshot));
}

Result<> drop_snapshot(const fs::path& folder, const fs::path& file) {
  std::error_code failure;
  const auto place = place_of(folder, file);
  config::sweep_leftovers(place);
  fs::remove(place, failure);
  if (failure && failure != std::errc::not_a_directory)
    return unavailable("cannot remove " + place.string() + ": " + failure.message());
  return {};
}

}  // namespace tpool::connect
