#include "proxy/net/buffer.hpp"

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
constexpr std::size_t largest_kept = std::size_t{1} << 20;
constexpr std::size_t kept_in_all = std::size_t{4} << 20;

class Shelf {
 public:
  ~Shelf() {
    for (auto& row : rows_)
      for (char* data : row) std::free(data);
  }
  char* take(std::size_t capacity) {
    if (capacity <= largest_kept) {
      auto& row = rows_[index(capacity)];
      if (!row.empty()) {
        char* data = row.back();
        row.pop_back();
        held_ -= capacity;
        return data;
      }
    }
    auto* data = static_cast<char*>(std::malloc(capacity));
    if (!data) throw std::bad_alloc();
    return data;
  }
  void give(char* data, std::size_t capacity) {
    if (capacity > largest_kept || held_ + capacity > kept_in_all) return std::free(data);
    rows_[index(capacity)].push_back(data);
    held_ += capacity;
  }

 private:
  static std::size_t index(std::size_t capacity) {
    return static_cast<std::size_t>(std::countr_zero(capacity));
  }
  std::array<std::vector<char*>, 21> rows_;
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

}  // namespace tpool::net
