#include "core/protocol/gemini/errors.hpp"

#include <array>
#include <optional>

#include "core/protocol/openai_error.hpp"

namespace tpool::protocol::gemini {

namespace {

using Kind = ir::Failure::Kind;

constexpr std::size_t max_details = 16;

struct Word {
  std::string_view word;
  Kind kind;
};

// google.rpc.ErrorInfo reasons that say more than their status.
constexpr std::array<Word, 12> reasons = {{{"API_KEY_INVALID", Kind::auth},
                                           {"API_KEY_SERVICE_BLOCKED", Kind::auth},
                                           {"API_KEY_HTTP_REFERRER_BLOCKED", Kind::auth},
                                           {"API_KEY_IP_ADDRESS_BLOCKED", Kind::auth},
                                           {"API_KEY_ANDROID_APP_BLOCKED", Kind::auth},
                                           {"API_KEY_IOS_APP_BLOCKED", Kind::auth},
                                           {"CREDENTIALS_MISSING", Kind::auth},
                                           {"ACCESS_TOKEN_EXPIRED", Kind::auth},
                                           {"SERVICE_DISABLED", Kind::auth},
                                           {"BILLING_DISABLED", Kind::quota},
                                           {"CONSUMER_SUSPENDED", Kind::hold},
                                           {"USER_BLOCKED_BY_ADMIN", Kind::hold}}};

constexpr std::array<Word, 9> statuses = {{{"UNAUTHENTICATED", Kind::auth},
                                           {"NOT_FOUND", Kind::not_found},
                                           {"RESOURCE_EXHAUSTED", Kind::rate_limited},
                                           {"INTERNAL", Kind::overloaded},
                                           {"UNAVAILABLE", Kind::overloaded},
                                           {"DEADLINE_EXCEEDED", Kind::overloaded},
                                           {"ABORTED", Kind::overloaded},
                                           {"CANCELLED", Kind::overloaded},
                                           {"UNKNOWN", Kind::overloaded}}};

template <std::size_t N>
std::optional<Kind> find(const std::array<Word, N>& words, std::string_view word) {
  for (const Word& one : words) {
    if (one.word == word) return one.kind;
  }
  return {};
}

bool is(json::Value detail, std::string_view type) {
  return detail["@type"].string_or("").ends_with(type);
}

// A limit that a wait of seconds does not lift.
bool is_daily(json::Value quota_failure) {
  const json::Value violations = quota_failure["violations"];
  for (std::size_t i = 0; i < violations.size() && i < max_details; ++i) {
    const std::string_view id = violations.at(i)["quotaId"].string_or("");
    if (id.find("PerDay") != std::string_view::npos) return true;
  }
  return false;
}

// What the status and its details say beyond the words.
void refine(json::Value error, ir::Failure& failure) {
  const std::string_view status = error["status"].string_or("");
  if (!status.empty()) failure.code = status;
  const bool open = failure.kind == Kind::invalid_request || failure.kind == Kind::overloaded ||
                    failure.kind == Kind::garbage;
  if (const auto kind = find(statuses, status); kind && open) failure.kind = *kind;
  // Of places and plans, not of this request.
  if (status == "FAILED_PRECONDITION" &&
      (failure.kind == Kind::invalid_request || failure.kind == Kind::unsupported)) {
    failure.kind = Kind::forbidden;
  }
  const json::Value details = error["details"];
  for (std::size_t i = 0; i < details.size() && i < max_details; ++i) {
    const json::Value detail = details.at(i);
    if (is(detail, "google.rpc.ErrorInfo")) {
      const std::string_view reason = detail["reason"].string_or("");
      if (!reason.empty()) failure.code = short_text(reason);
      if (const auto kind = find(reasons, reason)) failure.kind = *kind;
    } else if (is(detail, "google.rpc.QuotaFailure")) {
      // The words are those of an empty account, whichever limit it was.
      failure.kind = is_daily(detail) ? Kind::quota : Kind::rate_limited;
    }
  }
}

json::Value error_in(json::Value root) {
  if (root.is_array()) root = root.at(0);
  return root["error"].is_object() ? root["error"] : root;
}

}  // namespace

ir::Failure decode_error(int status, std::string_view body) {
  ir::Failure failure = read_error(status, body);
  const auto parsed = json::Document::parse(body, "error");
  if (parsed) refine(error_in(parsed->root()), failure);
  return failure;
}

ir::Failure read_status(json::Value error) {
  ir::Failure failure = read_error(0, error);
  refine(error, failure);
  return failure;
}

}  // namespace tpool::protocol::gemini
