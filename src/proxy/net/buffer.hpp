// A byte buffer that is not zeroed and goes back to a small pool when it is done.
//
// Sizes are powers of two; 32 MiB in all are kept for reuse per thread, for fresh pages cost more
// than copying into old ones. drop_unused_buffers(), called every few seconds, returns memory to
// its baseline after a burst. Contents are undefined until written. Owned by one thread at a time.
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

// Frees what this thread kept and had no use for since the last call.
void drop_unused_buffers();

}  // namespace tpool::net
