// Parts and items as finished content blocks. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/protocol/messages/turns.hpp"

namespace tpool::protocol::messages {

struct BlockMaker {
  const Target& target;
  Encoded& encoded;

  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  void lose(std::string field, ir::Loss::Action action, std::size_t item = nowhere) const;

  // Appends what the parts say; nothing for what is empty.
  void add_parts(const std::vector<ir::Part>& parts, std::vector<Block>& out) const;
  // The words of the parts alone; what is not text is counted.
  std::string words_of(const std::vector<ir::Part>& parts) const;
  Block call(const ir::ToolCall& call, const std::string& id) const;
  Block result(const ir::ToolResult& result, const std::string& id) const;
  // Nullopt: not of this provider's making, or unsigned.
  std::optional<Block> thinking(const ir::Reasoning& reasoning, std::size_t at) const;

 private:
  void add_part(const ir::Part& part, std::vector<Block>& out) const;
  void add_image(const ir::Image& image, std::vector<Block>& out) const;
  void add_file(const ir::File& file, const ir::Extras& extras, std::vector<Block>& out) const;
};

Block text_block(std::string_view text);
bool is_blank(std::string_view text);

}  // namespace tpool::protocol::messages
