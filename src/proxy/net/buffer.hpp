// A byte buffer that is not zeroed and goes back to a small pool when it is done.
//
// Sizes are powers of two; buffers up to 1 MiB are kept for reuse, 4 MiB in all per thread, so that
// memory returns to its baseline after a burst. Contents are undefined until written. Owned by one
// thread at a time.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace tpool::net {

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t capacity);
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  void append(std::string_view bytes);  // grows as needed
  // Room for at least `count` more bytes; wrote() makes them part of the contents.
  std::span<char> room(std::size_t count);
  void wrote(std::size_t count) { size_ += count; }
  void clear() { size_ = 0; }

  std::string_view view() const { return {data_, size_}; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }

 private:
  void release();
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace tpool::net
