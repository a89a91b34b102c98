// The few edits a relayed exchange makes; every other byte passes as it came.
//
// In the request: the model name; an effort of "none" where the model knows no such effort; sealed
// reasoning of other makers out, with the id it was known by, our label off our own; for a Chat
// provider what its dialect calls otherwise: the role developer, the limit of tokens,
// stream_options. In the answer: that label on, and for a Messages client the model as it was asked
// for. In the head: hop-by-hop fields, credentials and cookies out. I/O thread only.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/json/splice.hpp"
#include "proxy/exchange/exchange.hpp"

namespace tpool::exchange {

void relay_edits(Exchange& exchange, const route::Step& step, json::Splice& splice);

// The client's fields that are meant for the provider, as lines of a head. What the store sets for
// the provider goes before what a client says.
std::string relayed_fields(const net::Head& head,
                           const std::map<std::string, std::string>& provider_own);

// Marks `encrypted_content` values, or signatures of thinking and thinking that is not shown, with
// their maker, so that a later turn knows whose they are.
class OpaqueLabel {
 public:
  // Both outlive it.
  OpaqueLabel(Protocol protocol, std::string_view provider, std::string_view model)
      : protocol_(protocol), provider_(provider), model_(model) {}
  // Edits complete events of a stream in place, from `begin` on.
  void seal(std::string& wire, std::size_t begin) const;
  // The same for a whole answer.
  void seal_whole(std::string& body) const;

 private:
  void label(std::string& wire, std::size_t begin, std::string_view name) const;

  Protocol protocol_;
  std::string_view provider_;
  std::string_view model_;
};

// Says a Messages answer's model by the name its client asked for: Claude Code takes thinking out
// of the conversation when another model than its own seems to have had it.
class AskedModel {
 public:
  // `asked` outlives it.
  AskedModel(Protocol protocol, std::string_view asked)
      : asked_(asked), wanted_(protocol == Protocol::messages) {}
  // Edits complete events of a stream in place, from `begin` on, until the first has passed.
  void put(std::string& wire, std::size_t begin);
  // The same for a whole answer.
  void put_whole(std::string& body) const;

 private:
  std::string_view asked_;
  bool wanted_;
};

}  // namespace tpool::exchange
