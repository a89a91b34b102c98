#include "core/connect/codex_install.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <system_error>
#include <vector>

#include "core/config/private_file.hpp"
#include "core/config/toml_spans.hpp"
#include "core/connect/child.hpp"
#include "core/json/value.hpp"

namespace tpool::connect {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view live_feature = "api_key_model_discovery";
constexpr std::size_t longest_quote = 600;

// A private folder that goes away with everything Codex put into it.
class ScratchHome {
 public:
  static Result<ScratchHome> make() {
    std::error_code failure;
    auto name = (fs::temp_directory_path(failure) / "tpool-codex-XXXXXX").string();
    if (failure) return unavailable("there is no temporary folder: " + failure.message());
    if (::mkdtemp(name.data()) == nullptr)
      return unavailable("cannot make a temporary folder: " + describe_errno(errno));
    return ScratchHome(name);
  }
  ScratchHome(ScratchHome&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchHome& operator=(ScratchHome&&) = delete;
  ~ScratchHome() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  explicit ScratchHome(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

bool is_program(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

Result<fs::path> locate_binary() {
  if (const char* named = std::getenv("TPOOL_CODEX"); named != nullptr && *named != '\0') {
    if (is_program(named)) return fs::absolute(named);
    return not_found("TPOOL_CODEX names " + std::string(named) + ", which is no program",
                     "set it to the path of the codex program, or unset it");
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    const auto file = fs::path(rest.substr(0, end)) / "codex";
    if (end > 0 && is_program(file)) return fs::absolute(file);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return not_found("there is no codex program in PATH",
                   "install it (npm install -g @openai/codex), or set TPOOL_CODEX to its path");
}

Result<ChildResult> run_codex(const fs::path& binary, std::vector<std::string> arguments,
                              const fs::path& home) {
  ChildPlan plan;
  plan.argv = std::move(arguments);
  plan.argv.insert(plan.argv.begin(), binary.string());
  plan.environment = {{"CODEX_HOME", home.string()}, {"RUST_BACKTRACE", "0"}, {"NO_COLOR", "1"}};
  plan.folder = home;
  return run_child(plan);
}

// What Codex said went wrong, without its warnings and traces.
std::string complaint(const ChildResult& result) {
  auto text = result.err;
  if (const auto trace = text.find("Stack backtrace:"); trace != std::string::npos)
    text.resize(trace);
  if (const auto start = text.find("Error: "); start != std::string::npos) text.erase(0, start + 7);
  std::string flat;
  for (const char c : text) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!space)
      flat += c;
    else if (!flat.empty() && flat.back() != ' ')
      flat += ' ';
  }
  while (flat.ends_with(' ')) flat.pop_back();
  if (flat.size() > longest_quote) flat.resize(longest_quote);
  flat = json::replace_invalid_utf8(flat);
  return flat.empty() ? "exit status " + std::to_string(result.status) : flat;
}

bool is_unknown_command(const ChildResult& result) {
  return result.status == 2 && result.err.find("unrecognized subcommand") != std::string::npos;
}

// "codex-cli 0.169.0" -> "0.169.0"
std::string version_in(std::string_view text) {
  const auto is_part = [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '-'; };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool starts = std::isdigit(static_cast<unsigned char>(text[at])) != 0 &&
                        (at == 0 || !is_part(static_cast<unsigned char>(text[at - 1])));
    if (!starts) continue;
    auto end = at;
    while (end < text.size() && is_part(static_cast<unsigned char>(text[end]))) ++end;
    const auto word = text.substr(at, end - at);
    if (word.find('.') != std::string_view::npos) return std::string(word);
  }
  return {};
}

// "api_key_model_discovery   stable   true"
bool has_live_feature(std::string_view features) {
  while (!features.empty()) {
    const auto end = std::min(features.find('\n'), features.size());
    auto line = features.substr(0, end);
    features.remove_prefix(std::min(end + 1, features.size()));
    if (!line.starts_with(live_feature)) continue;
    line.remove_prefix(live_feature.size());
    if (!line.starts_with(' ') && !line.starts_with('\t')) continue;
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())))
      line.remove_suffix(1);
    return line.ends_with("true");
  }
  return false;
}

// How well an entry serves as the base of another model's: plain tools over OpenAI's own modes.
int fitness(const json::Value& entry) {
  int points = 0;
  const auto mode = entry["tool_mode"].string_or("direct");
  if (mode == "direct") points += 8;
  if (!entry["use_responses_lite"].boolean_or(false)) points += 4;
  if (entry["multi_agent_version"].string_or("v1") == "v1") points += 2;
  if (entry["visibility"].string_or("") == "list") points += 1;
  return points;
}

}  // namespace

Result<CodexInstall> find_codex() {
  auto binary = locate_binary();
  if (!binary) return binary.error();
  auto home = ScratchHome::make();
  if (!home) return home.error();
  CodexInstall install;
  install.binary = *binary;
  auto asked = run_codex(*binary, {"--version"}, home->path());
  if (!asked) return asked.error();
  install.version = asked->status == 0 ? version_in(asked->out) : std::string();
  if (install.version.empty())
    return unavailable(binary->string() + " does not say a Codex version: " + complaint(*asked),
                       "set TPOOL_CODEX to the path of the codex program");
  auto features = run_codex(*binary, {"features", "list"}, home->path());
  install.live_catalog = features && features->status == 0 && has_live_feature(features->out);
  return install;
}

Result<std::string> bundled_entry(const CodexInstall& codex) {
  auto home = ScratchHome::make();
  if (!home) return home.error();
  auto shown = run_codex(codex.binary, {"debug", "models", "--bundled"}, home->path());
  if (!shown) return shown.error();
  if (shown->status != 0)
    return unavailable("Codex " + codex.version +
                       " does not show its model catalog: " + complaint(*shown));
  auto document = json::Document::parse(shown->out, "Codex's model catalog");
  if (!document) return document.error();
  const auto models = document->root()["models"];
  json::Value best;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const auto entry = models.at(i);
    if (entry["base_instructions"].string_or("").empty()) continue;
    if (!best || fitness(entry) > fitness(best)) best = entry;
  }
  if (!best)
    return unavailable("the model catalog of Codex " + codex.version +
                       " holds no entry with instructions");
  return best.text();
}

Result<> check_accepts(const CodexInstall& codex, std::string_view config_toml,
                       const std::optional<std::string>& catalog_json) {
  auto home = ScratchHome::make();
  if (!home) return home.error();
  if (auto written = config::replace_file(home->path() / "config.toml", config_toml); !written)
    return written.error();
  std::vector<std::string> arguments{"features", "list"};
  if (catalog_json) {
    const auto file = home->path() / "catalog.json";
    if (auto written = config::replace_file(file, *catalog_json); !written) return written.error();
    // With a catalog file Codex asks no network for its models.
    arguments = {"debug", "models", "-c", "model_catalog_json=" + config::quote(file.string())};
  }
  auto read = run_codex(codex.binary, std::move(arguments), home->path());
  if (!read) return read.error();
  if (read->status == 0) return {};
  if (is_unknown_command(*read))
    return unavailable("Codex " + codex.version + " has no command that checks its files",
                       "update Codex, or go on without the check");
  auto said = complaint(*read);
  for (auto at = said.find(home->path().string()); at != std::string::npos;
       at = said.find(home->path().string()))
    said.replace(at, home->path().string().size(), "$CODEX_HOME");
  return invalid("Codex " + codex.version + " does not accept this: " + said,
                 "nothing was written; the user's own settings in config.toml may be the cause");
}

}  // namespace tpool::connect
