// What every protocol implements: one dialect of the wire to the IR and back.
//
// Two functions for the provider's side (ProviderCodec), two more where clients speak it as well
// (Codec). A codec knows its own protocol and the IR, never another protocol. Codecs are stateless
// and shared; decoders and encoders of streams hold one answer's state. No I/O; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/ir/event.hpp"
#include "core/ir/fold.hpp"
#include "core/ir/loss.hpp"
#include "core/ir/request.hpp"
#include "core/ir/tool_names.hpp"
#include "core/json/scan.hpp"
#include "core/protocol/dialect.hpp"
#include "core/protocol/sse.hpp"

namespace tpool::protocol {

// Where an encoded request goes.
struct Target {
  std::string provider;  // id, the origin of opaque data
  std::string model;     // upstream name
  Dialect dialect = {};
  std::optional<std::int64_t> max_output = {};  // model fact, tokens
  std::vector<std::string> efforts = {};  // model fact: the efforts it knows, if that is known
  bool reasons = true;                    // model fact: false where it is known not to
  std::optional<bool> files = {};         // model fact: whether it reads documents
};

struct Encoded {
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};  // protocol's own, e.g. versions
  ir::ToolNames names = {};                                       // to undo in the answer
  std::vector<ir::Loss> losses = {};  // a refused one means: do not send
};

// An answer of more blocks than this is no answer: decoders end it as garbage.
inline constexpr int max_blocks = 4096;

// One answer of a provider, event by event.
class EventDecoder {
 public:
  virtual ~EventDecoder() = default;
  // Appends what this event means to `out`. Malformed events become Failed, never an exception.
  virtual void feed(const SseEvent& event, std::vector<ir::Event>& out) = 0;
  // The stream ended cleanly on the wire; appends Failed when the answer was not complete.
  virtual void end(std::vector<ir::Event>& out) = 0;
  // As far as it was reported by now: of an answer that breaks off there is no Finished to say it.
  virtual const std::optional<ir::Usage>& usage() const = 0;
};

// One answer for a client, as the bytes of its stream.
class EventEncoder {
 public:
  virtual ~EventEncoder() = default;
  virtual void write(const ir::Event& event, std::string& out) = 0;
  // What keeps a client's idle timer alive and means nothing. Before the answer began it opens the
  // stream, with no more of an answer than the client's timer needs.
  virtual void heartbeat(std::string& out) = 0;

  // A heartbeat began an answer in our name: a provider's own events no longer pass as they are.
  virtual bool opened() const { return false; }
  // Once opened(): a provider's event of this protocol as it goes on from there. All of them must
  // take this way; ours may follow.
  virtual void adopt(const SseEvent&, std::string&) {}
};

// What a relayed event means to the exchange, without decoding all of it.
struct Glance {
  std::string_view answer_id = {};  // in the event's data, where it says so
  bool content = false;   // carries text, visible reasoning or a tool call: commits the answer
  bool terminal = false;  // nothing follows
  std::optional<ir::Usage> usage = {};
  std::optional<ir::Failure> failure = {};
  // Clients take no notice of a failure told in this event: it is to be told in another.
  bool unheard = false;
  // Clients go by the names of events, and this one has none: it is to be called so.
  std::string name = {};
};

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual Glance see(const SseEvent& event) = 0;
  // With the stream over: what the provider left out of the end of an answer that is whole. None
  // when it is not.
  virtual std::optional<std::string_view> missing_end() const { return std::nullopt; }
};

struct ErrorReply {
  int status = 500;
  std::optional<Milliseconds> retry_after = {};
  std::string body = {};  // JSON
};

// Who the answer is for.
struct ReplyContext {
  std::string model;            // the name the client asked for
  std::string answer_id = {};   // when the provider gave none
  std::int64_t created_at = 0;  // Unix seconds; core has no clock
  bool usage_wanted = true;
  // A Chat client that declared `functions` knows one `function_call` and no `tool_calls`.
  bool legacy_calls = false;
  // The answer is a summary that takes the place of the conversation, told as a compaction item;
  // alone, when that is all the endpoint gives.
  bool compaction = false;
  bool compact_reply = false;
  // Which provider made opaque data in this answer, so a later turn can tell; see seal().
  std::string provider = {};
  std::string upstream_model = {};
  // The provider's own events went out already: nothing is opened again, a failure is mid-answer.
  bool begun = false;
  // Proves tokens made for clients that cannot hold opaque data; see seal_token().
  std::string seal_key = {};
  // Up to this long a client that comes back by itself is told to; see responses/errors.
  Milliseconds told_wait{120'000};
  std::int64_t sequence = 0;  // of the next event then, in protocols that number them
  // The client's request, for protocols whose answers repeat it; both outlive the encoder.
  const json::Scan* request = nullptr;
  std::string_view request_body = {};
};

// The provider's side of a protocol: requests go out, answers come in.
class ProviderCodec {
 public:
  virtual ~ProviderCodec() = default;

  // Path below a provider's base URL; `model` is escaped where the path carries it.
  virtual std::string path(std::string_view model, bool stream) const = 0;

  virtual Encoded encode_request(const ir::Request& request, const Target& target) const = 0;

  // `names` undoes what encode_request did; both outlive the decoder.
  virtual std::unique_ptr<EventDecoder> decoder(const ir::ToolNames& names,
                                                const Target& target) const = 0;
  // A whole answer. A body that is an error object in a 200 becomes Failed.
  virtual std::vector<ir::Event> decode_answer(std::string_view body, const ir::ToolNames& names,
                                               const Target& target) const = 0;
  // A non-2xx answer of a provider; retry hints in headers are read by the proxy.
  virtual ir::Failure decode_error(int status, std::string_view body) const = 0;
};

// A protocol that clients speak too: requests also come in and answers also go out, so that it can
// be relayed.
class Codec : public ProviderCodec {
 public:
  virtual Result<ir::Request> decode_request(std::string_view body) const = 0;

  virtual std::unique_ptr<EventEncoder> encoder(const ReplyContext& context) const = 0;
  virtual std::string encode_answer(const ir::Answer& answer,
                                    const ReplyContext& context) const = 0;
  // How a client of this protocol is told, before any byte of an answer was sent.
  virtual ErrorReply encode_error(const ir::Failure& failure,
                                  const ReplyContext& context) const = 0;

  virtual std::unique_ptr<Watcher> watcher() const = 0;
  // Usage of a whole relayed answer.
  virtual Glance glance_answer(std::string_view body) const = 0;
};

}  // namespace tpool::protocol
