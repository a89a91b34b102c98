#include "core/protocol/seal.hpp"

#include "core/digest.hpp"

namespace tpool::protocol {
namespace {

constexpr std::string_view mark = "tp1.";

// Takes the base64url field before the next dot off `text`; false when there is none.
bool take_field(std::string_view& text, std::string& out) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return false;
  out = from_base64url(text.substr(0, dot));
  if (dot > 0 && out.empty()) return false;
  text.remove_prefix(dot + 1);
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

ir::Opaque unseal(std::string_view text, std::string_view kind) {
  ir::Opaque opaque;
  opaque.kind = kind;
  std::string_view rest = text;
  if (rest.substr(0, mark.size()) == mark) {
    rest.remove_prefix(mark.size());
    if (take_field(rest, opaque.provider) && take_field(rest, opaque.model) &&
        !opaque.provider.empty()) {
      opaque.data = rest;
      return opaque;
    }
    opaque.provider.clear();
    opaque.model.clear();
  }
  opaque.data = text;
  return opaque;
}

}  // namespace tpool::protocol
