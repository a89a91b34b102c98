#include "core/protocol/gemini/signatures.hpp"

#include <array>
#include <utility>

#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::protocol::gemini {

namespace {

using Place = Signature::Place;

constexpr std::array<std::pair<Place, std::string_view>, 4> places = {
    {{Place::call, "call_signature"},
     {Place::text, "text_signature"},
     {Place::alone, "part_signature"},
     {Place::thought, "thought_signature"}}};

}  // namespace

ir::Opaque seal(const Signature& signature, const std::string& provider, const std::string& model) {
  ir::Opaque opaque{provider, model, "thought_signature", {}};
  json::Writer writer(opaque.data);
  writer.begin_object();
  for (const auto& [place, name] : places) {
    if (place == signature.place) writer.member(name, signature.data);
  }
  writer.end_object();
  return opaque;
}

std::optional<Signature> open(const ir::Opaque& opaque, const std::string& provider,
                              const std::string& model) {
  if (opaque.provider != provider || opaque.model != model) return {};
  const auto parsed = json::Document::parse(opaque.data, "signature");
  if (!parsed) return {};
  for (const auto& [place, name] : places) {
    const auto data = parsed->root()[name].string();
    if (data && !data->empty()) return Signature{place, std::string(*data)};
  }
  return {};
}

}  // namespace tpool::protocol::gemini
