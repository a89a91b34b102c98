#include "core/protocol/error_kind.hpp"

#include <algorithm>
#include <initializer_list>

namespace tpool::protocol {

namespace {

using Kind = ir::Failure::Kind;

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

}  // namespace

Kind error_kind(int status, std::string_view t, bool json) {
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

}  // namespace tpool::protocol
