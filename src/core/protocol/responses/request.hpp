// A Responses request to the IR and back.
//
// `instructions` is the leading system message. Items and parts the IR does not know are kept whole
// and written back only to this protocol. Where the request is the whole conversation, a call
// without a result gets one that says so, and a result without a call becomes user text. Any
// thread.
#pragma once

#include <optional>
#include <string_view>

#include "core/error.hpp"
#include "core/ir/request.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/protocol/codec.hpp"
#include "core/protocol/fields.hpp"

namespace tpool::protocol::responses {

Result<ir::Request> decode_request(std::string_view body);
Encoded encode_request(const ir::Request& request, const Target& target);

// The parts both directions are made of.

// Appends the item; tools found in an `additional_tools` item go to `tools`.
std::optional<Error> decode_item(json::Value value, const Path& path, ir::Request& request);
std::optional<Error> decode_parts(json::Value value, const Path& path, std::vector<ir::Part>& out);
std::optional<Error> decode_tools(json::Value list, const Path& path, std::vector<ir::Tool>& out);
std::optional<Error> decode_tool_choice(json::Value value, const Path& path, ir::Request& request);

// How tools are spelled for one provider, and what could not be said.
struct ItemEncoder {
  const Target& target;
  bool flat = false;  // namespaces or custom tools are functions under `encoded.names`
  Encoded& encoded;
  std::vector<std::size_t> match = {};  // see match_results(); empty: the rest is kept elsewhere

  void write_item(json::Writer& writer, const ir::Item& item, std::size_t at);
  // Returns the request's extras that are still to be said.
  ir::Extras write_tools_and_choice(json::Writer& writer, const ir::Request& request);

 private:
  bool goes_out(const ir::Tool& tool) const;
  void write_tools(json::Writer& writer, const std::vector<ir::Tool>& tools);
  void write_tool_choice(json::Writer& writer, const ir::ToolChoice& choice);
  void write_message(json::Writer& writer, const ir::Message& message, const ir::Extras& extras);
  void write_reasoning(json::Writer& writer, const ir::Reasoning& reasoning, std::size_t at);
  void write_call(json::Writer& writer, const ir::ToolCall& call);
  void write_result(json::Writer& writer, const ir::ToolResult& result);
  void write_orphan(json::Writer& writer, const ir::ToolResult& result);
  bool alone(std::size_t at) const;
  void write_part(json::Writer& writer, const ir::Part& part, bool assistant);
  void write_tool(json::Writer& writer, const ir::Tool& tool);
  bool wrapped(ir::ToolKind kind) const;
  std::string id_of(const std::string& call_id) const;
  void lose(std::string field, ir::Loss::Action action, std::string where = {});
};

}  // namespace tpool::protocol::responses
