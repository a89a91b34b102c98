#include "proxy/net/frames.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <set>
#include <thread>
#include <vector>

using namespace tpool::net;

TEST_CASE("frames: every size is usable to its last byte, and distinct while in use") {
  std::set<void*> seen;
  std::vector<std::pair<void*, std::size_t>> held;
  for (std::size_t size = 1; size <= 2 * frames::largest; size += 97) {
    void* frame = frames::take(size);
    std::memset(frame, 0x5a, size);
    CHECK(seen.insert(frame).second);
    held.emplace_back(frame, size);
  }
  for (const auto& [frame, size] : held) frames::give_back(frame, size);
}

TEST_CASE("frames: what one thread took another may give back, after the first has ended") {
  std::vector<void*> held;
  std::thread([&] {
    for (int i = 0; i < 100; ++i) held.push_back(frames::take(1500));
  }).join();
  std::thread([&] {
    for (void* frame : held) frames::give_back(frame, 1500);
  }).join();
  CHECK(held.size() == 100);
}

#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("frames: the frame freed last is given out first, to any size of its step") {
  void* first = frames::take(1400);
  void* second = frames::take(1400);
  frames::give_back(first, 1400);
  frames::give_back(second, 1400);
  CHECK(frames::take(1395) == second);
  CHECK(frames::take(1400) == first);
  frames::give_back(first, 1400);
  frames::give_back(second, 1395);
}
#endif
