#include "core/protocol/openai_error.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace tpool::protocol {

namespace {

using Kind = ir::Failure::Kind;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool any_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

bool says_context(std::string_view t) {
  return any_of(t, {"context_length_exceeded",
                    "maximum context length",
                    "context window",
                    "context length",
                    "prompt is too long",
                    "prompt too long",
                    "input is too long",
                    "too many input tokens",
                    "exceeds the context",
                    "exceed context",
                    "exceeds the available context",
                    "model_max_prompt_tokens_exceeded",
                    "input length should be",
                    "range of input length",
                    "token limit exceeded",
                    "exceeds the maximum number of tokens",
                    "maximum prompt length",
                    "reduce the length of the messages",
                    "input tokens exceed",
                    "exceeded model token limit",
                    "exceeds max length"});
}

bool says_quota(std::string_view t) {
  return any_of(t, {"insufficient_quota",
                    "insufficient balance",
                    "insufficient_balance",
                    "insufficient credit",
                    "insufficient funds",
                    "exceeded your current quota",
                    "billing",
                    "out of credits",
                    "not enough credits",
                    "requires more credits",
                    "balance is not enough",
                    "credit balance",
                    "arrears",
                    "recharge",
                    "usage_limit_reached",
                    "usage limit reached",
                    "monthly limit",
                    "spend limit",
                    "payment required",
                    "quota_exceeded",
                    "quota exhausted"});
}

bool says_hold(std::string_view t) {
  return any_of(
      t, {"account_deactivated", "deactivated", "suspended", "account has been disabled", "banned",
          "account is blocked", "flagged for abuse", "risk control", "violation of our terms"});
}

bool says_model(std::string_view t) {
  return any_of(t, {"model_not_found", "model not found", "model does not exist", "no such model",
                    "unknown model", "invalid model", "not a valid model", "model not exist",
                    "is not supported by any provider", "no endpoints found"}) ||
         (t.find("model") != std::string_view::npos &&
          any_of(t, {"does not exist", "not found", "not exist"}));
}

bool says_auth(std::string_view t) {
  return any_of(t, {"invalid_api_key", "invalid api key", "api key not valid", "incorrect api key",
                    "invalid_authentication", "authentication_error", "authentication fails",
                    "unauthorized", "no api key", "missing api key", "invalid token",
                    "api key is invalid", "api_key_invalid", "permission_denied_key"});
}

bool says_refused(std::string_view t) {
  return any_of(
      t, {"content_policy", "content policy", "content_filter", "content management",
          "safety system", "moderation", "data_inspection_failed", "sensitive content",
          "sensitive words", "usage polic", "content exists risk", "cyber_policy", "bio_policy"});
}

// The provider knows the request but not this way of saying it.
bool says_dialect(std::string_view t) {
  return any_of(t, {"unknown parameter",
                    "unknown_parameter",
                    "unrecognized request argument",
                    "unsupported parameter",
                    "unsupported_parameter",
                    "unsupported value",
                    "unsupported_value",
                    "extra inputs are not permitted",
                    "unexpected keyword",
                    "not supported",
                    "unsupported",
                    "unknown field",
                    "unrecognized field",
                    "extra fields not permitted",
                    "additional properties are not allowed",
                    "invalid schema",
                    "invalid_function_parameters",
                    "input_schema",
                    "unknown variant",
                    "does not support"}) ||
         (any_of(t, {"tool", "function"}) && any_of(t, {"schema", "parameters"}));
}

bool says_limited(std::string_view t) {
  return any_of(t, {"rate_limit", "rate limit", "too many requests", "tokens per min",
                    "requests per min", "slow_down", "throttl"});
}

bool says_overloaded(std::string_view t) {
  return any_of(t, {"overloaded", "server_error", "internal_error", "internal server error",
                    "at capacity", "temporarily unavailable", "service unavailable",
                    "try again later", "timed out", "timeout"});
}

// A 400 and its like: the words say whose fault it is.
Kind kind_of_request_error(std::string_view t) {
  if (says_context(t)) return Kind::context_length;
  if (says_quota(t)) return Kind::quota;
  if (says_auth(t)) return Kind::auth;
  if (says_model(t)) return Kind::not_found;
  if (any_of(t, {"unknown parameter", "unsupported parameter", "unknown_parameter",
                 "unsupported_parameter", "extra inputs"})) {
    return Kind::unsupported;
  }
  if (says_refused(t)) return Kind::refused;
  if (says_limited(t)) return Kind::rate_limited;
  if (says_dialect(t)) return Kind::unsupported;
  return Kind::invalid_request;
}

Kind kind_of(int status, std::string_view t, bool json) {
  switch (status) {
    case 401: return says_hold(t) ? Kind::hold : Kind::auth;
    case 402: return Kind::quota;
    case 403:
      if (says_hold(t)) return Kind::hold;
      if (says_quota(t)) return Kind::quota;
      // A region or a gateway's page is the way to the provider, not the key.
      if (!json || any_of(t, {"region", "country", "territory", "location", "cloudflare"})) {
        return Kind::forbidden;
      }
      if (says_refused(t)) return Kind::refused;
      return Kind::auth;
    case 404: return Kind::not_found;
    case 413: return says_context(t) ? Kind::context_length : Kind::too_large;
    case 408:
    case 409: return Kind::overloaded;
    case 425:
    case 429:
      if (says_hold(t)) return Kind::hold;
      return says_quota(t) ? Kind::quota : Kind::rate_limited;
    default: break;
  }
  if (status >= 500) {
    if (says_context(t)) return Kind::context_length;
    return any_of(t, {"insufficient_quota", "insufficient balance"}) ? Kind::quota
                                                                     : Kind::overloaded;
  }
  if (status >= 400) return kind_of_request_error(t);
  if (status >= 300) return Kind::garbage;
  // An error inside a 200: no number to go by.
  if (says_overloaded(t)) return Kind::overloaded;
  const Kind kind = kind_of_request_error(t);
  if (kind != Kind::invalid_request) return kind;
  return t.find("invalid") != std::string_view::npos ? kind : Kind::overloaded;
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
  const std::string words = lower(told.message + " " + told.code + " " + told.type);

  ir::Failure failure;
  failure.kind = kind_of(effective, words, json);
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

}  // namespace tpool::protocol
