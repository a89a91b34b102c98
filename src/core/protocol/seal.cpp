#include "core/protocol/seal.hpp"

#include "core/digest.hpp"

namespace tpool::protocol {
namespace {

constexpr std::string_view mark = "tp1.";
constexpr std::string_view summary_mark = "tpc1.";
constexpr std::string_view token_mark = "tp2.";
constexpr std::string_view token_kind = "token";

// Takes the base64url field before the next dot off `text`; false when there is none.
bool take_field(std::string_view& text, std::string& out) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return false;
  out = from_base64url(text.substr(0, dot));
  if (dot > 0 && out.empty()) return false;
  text.remove_prefix(dot + 1);
  return true;
}

std::string proof_of(const ir::Opaque& opaque, std::string_view data, std::string_view key) {
  std::string all = opaque.provider;
  all += '\0';
  all += opaque.model;
  all += '\0';
  all += data;
  // Half of it is more than anybody can guess, and the token is sent with every turn.
  return base64url(hmac_sha256(key, all).substr(0, 16));
}

// False when the proof is not that of the data.
bool open_token(ir::Opaque& opaque, std::string_view key) {
  const std::size_t dot = opaque.data.find('.');
  if (dot == std::string::npos || key.empty()) return false;
  const std::string_view data = std::string_view(opaque.data).substr(dot + 1);
  if (!equal_constant_time(proof_of(opaque, data, key), opaque.data.substr(0, dot))) return false;
  opaque.data = std::string(data);
  opaque.kind = "encrypted_content";
  return true;
}

}  // namespace

std::string seal_prefix(std::string_view provider, std::string_view model) {
  return std::string(mark) + base64url(provider) + "." + base64url(model) + ".";
}

std::string seal(const ir::Opaque& opaque) {
  if (opaque.provider.empty()) return opaque.data;
  return seal_prefix(opaque.provider, opaque.model) + opaque.data;
}

std::string seal_token(const ir::Opaque& opaque, std::string_view key) {
  if (opaque.provider.empty() || key.empty()) return {};
  std::string out(token_mark);
  out += base64url(opaque.provider) + "." + base64url(opaque.model) + ".";
  out += proof_of(opaque, opaque.data, key) + "." + opaque.data;
  return out;
}

bool is_token(const ir::Opaque& opaque) { return opaque.kind == token_kind; }

void open_tokens(ir::Request& request, std::string_view key, std::vector<ir::Loss>& losses) {
  const auto open = [&](std::optional<ir::Opaque>& opaque) {
    if (!opaque || !is_token(*opaque)) return;
    const bool good = open_token(*opaque, key);
    // A token of nothing has said what it was for: who made what it came with.
    if (!good || opaque->data.empty()) opaque.reset();
    if (!good) ir::add_loss(losses, "reasoning.token", ir::Loss::Action::dropped);
  };
  for (ir::Item& item : request.items) {
    if (auto* reasoning = std::get_if<ir::Reasoning>(&item.value)) open(reasoning->opaque);
    if (auto* call = std::get_if<ir::ToolCall>(&item.value)) open(call->opaque);
  }
}

ir::Opaque unseal(std::string_view text, std::string_view kind) {
  ir::Opaque opaque;
  opaque.kind = kind;
  std::string_view rest = text;
  const bool token = rest.starts_with(token_mark);
  if (token || rest.starts_with(mark)) {
    rest.remove_prefix(mark.size());
    if (take_field(rest, opaque.provider) && take_field(rest, opaque.model) &&
        !opaque.provider.empty()) {
      opaque.data = rest;
      if (token) opaque.kind = token_kind;
      return opaque;
    }
    opaque.provider.clear();
    opaque.model.clear();
  }
  opaque.data = text;
  return opaque;
}

std::string seal_summary(std::string_view summary) {
  return std::string(summary_mark) + base64url(summary);
}

bool is_summary(std::string_view text) { return text.starts_with(summary_mark); }

std::string open_summary(std::string_view text) {
  return is_summary(text) ? from_base64url(text.substr(summary_mark.size())) : std::string();
}

}  // namespace tpool::protocol
