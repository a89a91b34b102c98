#include "proxy/net/frames.hpp"

#include <array>
#include <new>
#include <utility>

namespace tpool::net::frames {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool keep = false;
#else
constexpr bool keep = true;
#endif

constexpr std::size_t step = 16;

struct Free {
  Free* next;
};

struct Lists {
  std::array<Free*, largest / step + 1> of_size{};
  std::size_t kept = 0;
};

// Without a destructor, whose registration every access would ask for: what a thread kept is lost
// when it ends, which threads with coroutines do once, at the end of the process.
constinit thread_local Lists lists;

std::size_t rounded(std::size_t size) { return (size + step - 1) / step * step; }

}  // namespace

void* take(std::size_t size) {
  if (!keep || size > largest) return ::operator new(size);
  const auto room = rounded(size);
  auto& head = lists.of_size[room / step];
  if (!head) return ::operator new(room);
  lists.kept -= room;
  return std::exchange(head, head->next);
}

void give_back(void* frame, std::size_t size) noexcept {
  const auto room = rounded(size);
  if (!keep || size > largest || lists.kept + room > most_kept) return ::operator delete(frame);
  auto& head = lists.of_size[room / step];
  lists.kept += room;
  head = new (frame) Free{head};
}

}  // namespace tpool::net::frames
