#include "core/protocol/said_in_words.hpp"

namespace tpool::protocol {

std::string no_document(const ir::File& file) {
  return "[A document was here that could not be passed on" +
         (file.name.empty() ? std::string() : ": " + file.name) + "]";
}

std::string document_below(const ir::File& file) {
  return "[document" + (file.name.empty() ? std::string() : ": " + file.name) + "]";
}

std::string orphan_heading(const ir::ToolResult& result) {
  return "Result of an earlier tool call (" + result.call_id + "):";
}

std::string json_in_words(const ir::Format& format) {
  const bool schema = format.kind == ir::Format::Kind::json_schema;
  std::string words = "Answer with a single JSON ";
  words += schema ? "document" : "object";
  words += " and nothing else: no code fence, no comment.";
  if (!schema) return words;
  words += " It must match this JSON schema:\n";
  return words += format.schema.empty() ? "{}" : format.schema;
}

}  // namespace tpool::protocol
