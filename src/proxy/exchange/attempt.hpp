// One try against one candidate. I/O thread only.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "proxy/exchange/exchange.hpp"
#include "proxy/net/call.hpp"

namespace tpool::exchange {

// Nullopt: served to the end. A Failure after commit has already been told to the client only if
// the answer is finished; the caller tells it otherwise.
net::Task<std::optional<ir::Failure>> attempt(Exchange& exchange, const route::Step& step,
                                              observe::Attempt& noted);

// What the provider is sent, whichever lane made it.
struct Outgoing {
  std::string path;
  std::string fields;  // lines of the head beyond the usual ones
  std::vector<std::string_view> body;
};

// Connects, sends and waits for the head of the answer; a status other than 2xx is a Failure, with
// the provider's words and its hint. One more connection when a pooled one turns out closed.
net::Task<std::optional<ir::Failure>> request(Exchange& exchange, const route::Step& step,
                                              const Outgoing& outgoing, Pace& pace,
                                              std::optional<net::Call>& call,
                                              observe::Attempt& noted);

// How much of an answer has come: nothing, some, or all that the client needs.
enum class Arrived { nothing, some, all };

// Waits for the next bytes of an answer, or its end (call.finished()). With `all`, the end of the
// provider's body is worth a second, whatever else it sends. A Failure when the wait is over.
net::Task<std::optional<ir::Failure>> next_bytes(net::Call& call, Pace& pace, Arrived so_far,
                                                 std::vector<std::string_view>& data);

// The bytes a whole answer may have, and the text of one that is translated.
inline constexpr std::size_t most_whole_body = std::size_t{32} << 20;
// What is held back of a stream, be it comments or events that carry no content.
inline constexpr std::size_t most_held_back = std::size_t{32} << 20;

// Reads an answer that is not a stream, at most most_whole_body of it.
net::Task<std::optional<ir::Failure>> read_whole(net::Call& call, Pace& pace, std::string& body);

// Decodes the request, once for all attempts that translate.
net::Task<std::optional<ir::Failure>> understand(Exchange& exchange);

// The lanes.
net::Task<std::optional<ir::Failure>> relay(Exchange& exchange, const route::Step& step,
                                            observe::Attempt& noted);
net::Task<std::optional<ir::Failure>> translate(Exchange& exchange, const route::Step& step,
                                                observe::Attempt& noted);
net::Task<std::optional<ir::Failure>> echo(Exchange& exchange, const route::Step& step,
                                           observe::Attempt& noted);

inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// Whether the answer is an event stream, whatever its content type says.
bool is_stream(const net::Head& head, std::string_view first_bytes);

// First content seen: notes the time and fixes the candidate.
void commit(Exchange& exchange, const route::Step& step);

ir::Failure failure(ir::Failure::Kind kind, std::string message);

// A broken or interrupted wait as a Failure.
ir::Failure broken(const net::Call& call, bool answer_begun);

}  // namespace tpool::exchange
