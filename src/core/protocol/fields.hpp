// Typed reads of one JSON object's members, with the first mistake kept and where it was.
//
// For decoders of requests: a member of the wrong type is the client's mistake and is named by its
// path ("input[3].call_id"). An absent or null member leaves the target as it is. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/ir/loss.hpp"
#include "core/ir/request.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::protocol {

// A request's body, which is an object.
Result<json::Document> parse_body(std::string_view body);

// A place in a document; spelled out only when something is wrong there.
struct Path {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  const Path* parent = nullptr;
  std::string_view name = {};
  std::size_t index = none;

  std::string text() const;
};

// "input[3].call_id must be a string"
Error wrong_type(const Path& path, std::string_view expected);

class Fields {
 public:
  Fields(json::Value object, const Path& path) : object_(object), path_(path) {}

  Fields& string(std::string_view name, std::string& out);
  Fields& boolean(std::string_view name, std::optional<bool>& out);
  Fields& integer(std::string_view name, std::optional<std::int64_t>& out);
  Fields& number(std::string_view name, std::optional<double>& out);
  // Appends what a list of strings holds.
  Fields& strings(std::string_view name, std::vector<std::string>& out);
  // The member as JSON text.
  Fields& json(std::string_view name, std::string& out);
  Fields& required_string(std::string_view name, std::string& out);

  const std::optional<Error>& error() const { return error_; }

 private:
  void fail(std::string_view name, std::string_view expected);
  json::Value object_;
  const Path& path_;
  std::optional<Error> error_;
};

// The part whole, where it is of a kind the IR does not know; else null.
const ir::Extra* unknown_part(const ir::Part& part);

// Refuses a part of that kind: nobody else knows what it says, so leaving it out could turn the
// request around. Told as "content.video_url", or "files.id" where it names a file that only its
// own provider has.
void refuse_part(std::vector<ir::Loss>& losses, const ir::Extra& whole);

// Every member whose name is not in `known` (names between single spaces), for its own protocol.
void keep_extras(json::Value object, std::string_view known, Protocol protocol, ir::Extras& extras,
                 std::string_view inside = {});

// Members of this protocol, written back.
void write_extras(json::Writer& writer, const ir::Extras& extras, Protocol protocol);

// Counts members only another protocol can carry, less those that cannot change an answer
// (bookkeeping of the client and of the provider's account). One that stands for what another
// server keeps is a refusal.
void count_foreign_extras(const ir::Extras& extras, Protocol own, std::vector<ir::Loss>& losses);

// The same for a tool that goes out: members of it, and strictness where it is not `strict`.
void count_tool_losses(const ir::Tool& tool, Protocol own, bool strict,
                       std::vector<ir::Loss>& losses);

// The same for what is said of namespaces, where their tools go out under one flat list of names.
void count_space_losses(const std::vector<ir::Tool>& tools, std::vector<ir::Loss>& losses);

// The same for members of the parts of messages and of results.
void count_part_losses(const std::vector<ir::Item>& items, Protocol own,
                       std::vector<ir::Loss>& losses);

// Counts the loss of something whose name came from outside: "items.web_search_call". Names that
// are no plain words, and more than a few dozen of them, are counted together.
void lose_named(std::vector<ir::Loss>& losses, std::string_view prefix, std::string_view name,
                ir::Loss::Action action, std::string where = {});

}  // namespace tpool::protocol
