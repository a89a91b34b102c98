// What providers say when they fail, in OpenAI's family of dialects.
//
// Reads {"error":{message,type,code,param}}, {"error":"..."}, {"detail":...}, {"message":...},
// HTML pages and plain text, and decides by status, code and words what kind of failure it is.
// Nothing that looks like a key survives into a message. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/ir/event.hpp"
#include "core/json/value.hpp"

namespace tpool::protocol {

// A non-2xx answer.
ir::Failure read_error(int status, std::string_view body);

// An error object inside a stream or a 200. `error` is the object or string itself; `status` is 0
// unless the provider's own number is known.
ir::Failure read_error(int status, json::Value error);

// {"error":{message,type,code,param}}, with the failure's own `param`.
std::string error_body(std::string_view message, std::string_view type, std::string_view code,
                       const ir::Failure& failure);

// "try again in 20s", "retry after 1m30.5s", "in 450 ms": the time a sentence names.
std::optional<Milliseconds> wait_in_words(std::string_view text);

// `text` with everything that looks like a credential replaced by "[key]".
std::string mask_keys(std::string_view text);

// One line for people: tags stripped, white space collapsed, keys masked, at most 600 bytes.
std::string short_text(std::string_view text);

}  // namespace tpool::protocol
