#include "core/protocol/responses/compaction.hpp"

#include <algorithm>

#include "core/ir/summary.hpp"
#include "core/protocol/responses/events_encode.hpp"
#include "core/protocol/responses/usage.hpp"
#include "core/protocol/seal.hpp"

namespace tpool::protocol::responses {
std::optional<Error> decode_compaction(json::Value value, const Path& path, ir::Request& request) {
  std::string sealed;
  Fields fields(value, path);
  fields.required_string("encrypted_content", sealed);
  if (fields.error()) return fields.error();
  if (is_summary(sealed)) {
    const auto summary = open_summary(sealed);
    if (summary.empty())
      return invalid(path.text() + ".encrypted_content is damaged",
                     "send the compaction item exactly as it was received");
    request.items.push_back({ir::told_as_summary(summary)});
    return {};
  }
  const auto opaque = unseal(sealed, "encrypted_content");
  ir::Unknown unknown{Protocol::responses, "compaction", {}};
  unknown.vital = true;
  unknown.maker = opaque.provider;
  json::Writer writer(unknown.json);
  writer.begin_object();
  for (std::size_t i = 0; i < value.size(); ++i) {
    writer.key(value.name_at(i));
    if (value.name_at(i) == "encrypted_content")
      writer.string(opaque.data);
    else
      writer.raw(value.member_at(i).text());
  }
  writer.end_object();
  request.items.push_back({std::move(unknown)});
  return {};
}

std::string compaction_item(std::string_view id, std::string_view summary) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("id", id).member("type", "compaction");
  writer.member("encrypted_content", seal_summary(summary)).end_object();
  return out;
}

bool Encoder::summarize(const ir::Event& event, std::string& out) {
  if (const auto* start = std::get_if<ir::BlockStart>(&event)) {
    if (start->kind == ir::BlockKind::text) summary_blocks_.push_back(start->index);
    return true;
  }
  if (const auto* delta = std::get_if<ir::Delta>(&event)) {
    const auto& blocks = summary_blocks_;
    if (std::find(blocks.begin(), blocks.end(), delta->index) != blocks.end())
      summary_ += delta->text;
    return true;
  }
  const auto* finished = std::get_if<ir::Finished>(&event);
  if (!finished)
    return !std::holds_alternative<ir::Started>(event) &&
           !std::holds_alternative<ir::Failed>(event);
  ensure_created({}, out);
  if (summary_.empty() || finished->reason == ir::Finish::length) {
    ir::Failure failure;
    failure.kind = ir::Failure::Kind::garbage;
    failure.message = summary_.empty() ? "the model wrote no summary of the conversation"
                                       : "the model's summary of the conversation was cut off";
    on(ir::Failed{std::move(failure)}, out);
    return true;
  }
  ir::BlockStart place;
  output_.push_back(compaction_item(item_id("cmp_", place), summary_));
  ++next_output_;
  open_event("response.output_item.done", out);
  out += ",\"output_index\":0,\"item\":" + output_.back();
  close_event(out);
  return false;
}

std::string Encoder::take_compacted(const std::optional<ir::Usage>& usage) const {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("id", id_).member("object", "response.compaction");
  writer.member("created_at", context_.created_at).key("output").raw(output_json()).key("usage");
  if (usage)
    write_usage(writer, *usage);
  else
    writer.null();
  writer.end_object();
  return out;
}

}  // namespace tpool::protocol::responses
