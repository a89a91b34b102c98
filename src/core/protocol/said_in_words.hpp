// What a protocol has no member for, in words the model reads. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/ir/request.hpp"

namespace tpool::protocol {

// First in a result of a tool that failed, where the protocol has no sign for that.
inline constexpr std::string_view tool_failed = "[The tool failed.]";
// In place of an image where none are taken.
inline constexpr std::string_view no_image =
    "[An image was here; this model does not take images.]";
// In place of a document where only words go.
std::string no_document(const ir::File& file);
// In a result whose document is given after it.
std::string document_below(const ir::File& file);
// In place of a result that every call must have.
inline constexpr std::string_view no_result = "[No result of this call was recorded.]";

// Before a result whose call is not in the history.
std::string orphan_heading(const ir::ToolResult& result);

// How an answer in JSON is asked for.
std::string json_in_words(const ir::Format& format);

}  // namespace tpool::protocol
