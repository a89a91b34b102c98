// Opaque data labelled with who made it, for clients that carry it but cannot say from where.
//
// A token is a label with proof: "tp2." provider "." model "." proof "." data, for clients that
// give the data a field meant for something else. The proof is a keyed hash, so that what comes
// back is what went out; open_tokens() checks it.
//
// A label is "tp1." provider "." model "." data (the first two base64url), so that in a later turn
// it is replayed to its maker and dropped for anybody else. Data without a label is returned with
// no origin: it came from before tpool and is passed on as it is. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/ir/loss.hpp"
#include "core/ir/request.hpp"

namespace tpool::protocol {

std::string seal(const ir::Opaque& opaque);
ir::Opaque unseal(std::string_view text, std::string_view kind);

// The same as a token; without an origin there is nothing to say, so the result is empty.
std::string seal_token(const ir::Opaque& opaque, std::string_view key);
// Whether unseal() found a token; its data then still holds the proof.
bool is_token(const ir::Opaque& opaque);
// Checks every token of a request: good ones become what was sealed, if anything was; others are
// taken out and counted.
void open_tokens(ir::Request& request, std::string_view key, std::vector<ir::Loss>& losses);

// The label alone, for relays that put it before a value in place.
std::string seal_prefix(std::string_view provider, std::string_view model);

// A conversation's summary made here, as the opaque content of an item: any model can go on from
// it.
std::string seal_summary(std::string_view summary);
bool is_summary(std::string_view text);
std::string open_summary(std::string_view text);  // empty when damaged

}  // namespace tpool::protocol
