// Parts of Gemini contents, each as the text of one JSON object. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/ir/loss.hpp"
#include "core/ir/request.hpp"
#include "core/protocol/dialect.hpp"

namespace tpool::protocol::gemini {

// What a tool returned that is no text.
struct Returned {
  std::vector<std::string> images = {};
  std::vector<std::string> files = {};
};

struct PartWriter {
  const Dialect& dialect;
  std::vector<ir::Loss>& losses;

  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  void lose(std::string field, ir::Loss::Action action, std::size_t item = nowhere);

  std::string text(std::string_view words) const;
  // A part of a user's message; empty when there is nothing to say.
  std::string part(const ir::Part& part);
  std::string image(const ir::Image& image);

  // Text parts joined; what is not text is counted.
  std::string words_of(const std::vector<ir::Part>& parts, std::string_view between);
  std::string words_of(const ir::Part& part);
  // A tool's result without its images and documents, which go to `returned`.
  std::string words_of(const ir::ToolResult& result, Returned& returned);

 private:
  std::string inline_data(std::string_view media_type, std::string_view data) const;
  std::string file_data(std::string_view url, std::string_view name) const;
  std::string file(const ir::File& file);
};

// `part` with a signature added.
void sign(std::string& part, std::string_view signature);

}  // namespace tpool::protocol::gemini
