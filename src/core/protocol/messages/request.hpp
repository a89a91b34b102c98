// A Messages request to the IR and back.
//
// Decoding: `system` is the leading system message; thinking is reasoning whose signature travels
// with its words; results, calls and what the provider's own tools did are items in the order of
// their blocks. A header Claude Code writes for its maker's books as the first system block stays
// out: it is no word to a model, and being new with every build it would spoil prompt caches.
//
// Encoding turns the items into the alternating turns the protocol insists on:
//   approximated  system and developer messages in the middle are user text (unless the provider
//                 knows the role); a call without a result gets one that says so; a result without
//                 a call is user text; custom tools are functions of one string; a schema the
//                 provider cannot enforce is said in words or asked for as a call; an effort is a
//                 budget; `max_tokens` where nobody said one
//   dropped       reasoning of other makers and unsigned reasoning, hosted tools of others, sound,
//                 sampling the provider no longer knows, effort where thinking is impossible
//   refused       what needs another server's memory, files only another provider holds
// Cache breakpoints of the client are kept, at most four; with none of its own the request gets
// them at the tools, the system prompt and the last two user turns. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/ir/request.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/protocol/codec.hpp"
#include "core/protocol/fields.hpp"

namespace tpool::protocol::messages {

inline constexpr Protocol own = Protocol::messages;
inline constexpr std::string_view api_version = "2023-06-01";
// The tool that stands for a JSON schema where the provider enforces schemas only on calls.
inline constexpr std::string_view answer_tool = "json_answer";
inline constexpr int most_breakpoints = 4;
inline constexpr std::string_view short_lived = R"({"type":"ephemeral"})";

Result<ir::Request> decode_request(std::string_view body);
Encoded encode_request(const ir::Request& request, const Target& target);

// `system` and `messages`, appended to the items.
std::optional<Error> decode_system(json::Value system, const Path& path, ir::Request& request);
std::optional<Error> decode_messages(json::Value list, const Path& path, ir::Request& request);
// Content of a message, of a tool's result or of a document, as parts.
std::optional<Error> decode_parts(json::Value content, const Path& path,
                                  std::vector<ir::Part>& out);
std::optional<Error> decode_part(json::Value block, const Path& path, std::vector<ir::Part>& out);
std::optional<Error> decode_tools(json::Value root, const Path& top, ir::Request& request);

}  // namespace tpool::protocol::messages
