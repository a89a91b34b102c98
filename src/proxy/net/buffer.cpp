#include "proxy/net/buffer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

namespace tpool::net {
namespace {

constexpr std::size_t smallest = 512;
constexpr std::size_t kept_in_all = std::size_t{32} << 20;

class Shelf {
 public:
  ~Shelf() {
    for (auto& row : rows_)
      for (char* data : row.kept) std::free(data);
  }

  char* take(std::size_t capacity) {
    if (auto* row = row_of(capacity); row && !row->kept.empty()) {
      char* data = row->kept.back();
      row->kept.pop_back();
      row->fewest = std::min(row->fewest, row->kept.size());
      held_ -= capacity;
      return data;
    }
    auto* data = static_cast<char*>(std::malloc(capacity));
    if (!data) throw std::bad_alloc();
    return data;
  }

  void give(char* data, std::size_t capacity) {
    auto* row = row_of(capacity);
    if (!row || held_ + capacity > kept_in_all) return std::free(data);
    row->kept.push_back(data);
    held_ += capacity;
  }

  // Of each size, as many as lay here all the time.
  void drop_unused() {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      auto& row = rows_[i];
      for (; row.fewest > 0; --row.fewest) {
        std::free(row.kept.back());
        row.kept.pop_back();
        held_ -= std::size_t{1} << i;
      }
      row.fewest = row.kept.size();
    }
  }

 private:
  struct Row {
    std::vector<char*> kept;
    std::size_t fewest = 0;  // kept at any time since the last drop_unused()
  };

  Row* row_of(std::size_t capacity) {
    const auto index = static_cast<std::size_t>(std::countr_zero(capacity));
    return index < rows_.size() ? &rows_[index] : nullptr;
  }

  std::array<Row, 26> rows_;  // by the power of two, up to 32 MiB
  std::size_t held_ = 0;
};

Shelf& shelf() {
  static thread_local Shelf instance;
  return instance;
}

}  // namespace

Buffer::Buffer(std::size_t capacity)
    : capacity_(std::bit_ceil(capacity < smallest ? smallest : capacity)) {
  data_ = shelf().take(capacity_);
}

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  if (this == &other) return *this;
  release();
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

Buffer::~Buffer() { release(); }

void Buffer::release() {
  if (data_) shelf().give(data_, capacity_);
  data_ = nullptr;
}

void Buffer::append(std::string_view bytes) {
  const auto space = room(bytes.size());
  std::memcpy(space.data(), bytes.data(), bytes.size());
  size_ += bytes.size();
}

std::span<char> Buffer::room(std::size_t count) {
  if (size_ + count > capacity_) {
    Buffer larger(size_ + count);
    if (size_) std::memcpy(larger.data_, data_, size_);
    larger.size_ = size_;
    *this = std::move(larger);
  }
  return {data_ + size_, capacity_ - size_};
}

void drop_unused_buffers() { shelf().drop_unused(); }

}  // namespace tpool::net
