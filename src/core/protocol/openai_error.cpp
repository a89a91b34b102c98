#include "core/protocol/openai_error.hpp"

#include <algorithm>

#include "core/json/write.hpp"
#include "core/protocol/error_kind.hpp"

namespace tpool::protocol {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// A string, or a number as text: providers use both for codes.
std::string code_of(json::Value value) {
  if (const auto text = value.string()) return std::string(*text);
  return value.is_number() ? value.text() : std::string();
}

struct Told {
  std::string message;
  std::string code;
  std::string type;
  std::string param;
  int status = 0;
  std::optional<Milliseconds> wait;
  std::optional<TimePoint> at;
};

void read_hints(json::Value value, Told& told) {
  for (const char* name : {"resets_in_seconds", "retry_after", "retry_after_seconds"}) {
    const auto seconds = value[name].number();
    if (seconds && *seconds >= 0 && *seconds < 1e9) {
      told.wait = Milliseconds(static_cast<std::int64_t>(*seconds * 1000));
    }
  }
  const auto at = value["resets_at"].number();
  // Later than 2001 and before 2100, in seconds: anything else is not a moment.
  if (at && *at > 1e9 && *at < 4.1e9) {
    told.at = TimePoint(std::chrono::seconds(static_cast<std::int64_t>(*at)));
  }
  if (const auto delay = value["retryDelay"].string(); delay && !told.wait) {
    told.wait = wait_in_words("in " + std::string(*delay));
  }
}

void read_object(json::Value value, Told& told, int depth) {
  if (const auto text = value.string()) {
    if (told.message.empty()) told.message = *text;
    return;
  }
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size() && i < 8; ++i) read_object(value.at(i), told, depth);
    return;
  }
  if (!value.is_object() || depth > 4) return;
  for (const char* name : {"message", "msg", "detail", "error_msg", "title"}) {
    if (told.message.empty() && value[name]) read_object(value[name], told, depth + 1);
  }
  if (told.code.empty()) told.code = code_of(value["code"]);
  // Anthropic's outer object is of type "error"; the kind of error is told inside.
  const std::string_view type = value["type"].string_or("");
  if (told.type.empty() && type != "error") told.type = type;
  if (told.param.empty()) told.param = value["param"].string_or("");
  if (const auto status = value["status"].integer(); status && told.status == 0) {
    told.status = static_cast<int>(std::clamp<std::int64_t>(*status, 0, 999));
  }
  read_hints(value, told);
  const json::Value details = value["details"];
  for (std::size_t i = 0; i < details.size() && i < 8; ++i) read_hints(details.at(i), told);
  // A router's error holds the words of the provider behind it.
  if (const auto raw = value["metadata"]["raw"].string()) {
    told.message += told.message.empty() ? "" : ": ";
    told.message += *raw;
  }
  if (value["error"]) read_object(value["error"], told, depth + 1);
}

ir::Failure judge(int status, Told told, bool json) {
  if (const auto number = json::Document::parse(told.code.empty() ? "0" : told.code)) {
    const auto code = number->root().integer();
    if (code && *code >= 400 && *code < 600 && told.status == 0) {
      told.status = static_cast<int>(*code);
    }
  }
  const bool inside = status < 300;
  const int effective = inside && told.status >= 400 && told.status < 600 ? told.status : status;
  // A message may be a page, or the whole prompt; each of a hundred phrases is looked for in it.
  constexpr std::size_t most = std::size_t{8} << 10;
  const auto begin = [](const std::string& text) { return text.substr(0, most); };
  const std::string words =
      lower(begin(told.code) + " " + begin(told.type) + " " + begin(told.message));

  ir::Failure failure;
  failure.kind = error_kind(effective, words, json);
  failure.status = effective;
  failure.message = short_text(told.message);
  failure.code = short_text(told.code.empty() ? told.type : told.code);
  failure.param = short_text(told.param);
  failure.retry_after = told.wait ? told.wait : wait_in_words(words);
  failure.retry_at = told.at;
  return failure;
}

}  // namespace

ir::Failure read_error(int status, std::string_view body) {
  Told told;
  const auto parsed = json::Document::parse(body, "error");
  const bool json = parsed && (parsed->root().is_object() || parsed->root().is_array());
  if (json) {
    read_object(parsed->root(), told, 0);
  } else {
    told.message = body.substr(0, std::size_t{64} << 10);
  }
  ir::Failure failure = judge(status, std::move(told), json);
  if (failure.message.empty()) {
    failure.message = "HTTP " + std::to_string(status) +
                      (body.empty() ? " with an empty body" : " without an explanation");
  }
  return failure;
}

ir::Failure read_error(int status, json::Value error) {
  Told told;
  read_object(error, told, 0);
  ir::Failure failure = judge(status, std::move(told), true);
  if (failure.message.empty()) failure.message = "the provider reported an error without a text";
  return failure;
}

std::string error_body(std::string_view message, std::string_view type, std::string_view code,
                       const ir::Failure& failure) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("error").begin_object();
  writer.member("message", message).member("type", type).member("code", code).key("param");
  if (failure.param.empty()) {
    writer.null();
  } else {
    writer.string(failure.param);
  }
  writer.end_object().end_object();
  return body;
}

}  // namespace tpool::protocol
