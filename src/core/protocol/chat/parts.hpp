// Content parts of Chat messages, within what one provider takes. Any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ir/loss.hpp"
#include "core/ir/request.hpp"
#include "core/json/write.hpp"
#include "core/protocol/dialect.hpp"

namespace tpool::protocol::chat {

// What tools returned and finds no room in their results: a user's message after them has it.
struct Later {
  std::vector<const ir::Image*> images = {};
  std::vector<const ir::File*> files = {};
};

struct PartWriter {
  json::Writer& writer;
  const Dialect& dialect;
  std::vector<ir::Loss>& losses;
  std::optional<bool> files = {};  // whether the model reads documents, if that is known

  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  void lose(std::string field, ir::Loss::Action action, std::size_t item = nowhere);

  // Text parts joined; what is not text is counted as dropped.
  std::string text_of(const std::vector<ir::Part>& parts, std::string_view between);
  std::string text_of(const ir::Part& part);

  void write_part(const ir::Part& part);
  void write_text_part(std::string_view text);
  void write_image(const ir::Image& image);
  void write_file(const ir::File& file);

  // `content` of a tool's result.
  void write_output(const ir::ToolResult& result, Later& later);
};

}  // namespace tpool::protocol::chat
