#include "core/route/permits.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>

using namespace tpool;
using namespace tpool::route;

namespace {

const TimePoint start{std::chrono::hours(1000)};

struct Waiter final : Ticket {
  void granted(Slots& slots) override { got = &slots; }
  Slots* got = nullptr;
};

std::uint64_t number = 0;

bool wait(Waiter& waiter, std::vector<Slots*> slots, TimePoint now = start,
          Turn turn = Turn::normal) {
  return Slots::wait(waiter, slots, turn, ++number, now);
}

}  // namespace

TEST_CASE("without a limit a permit is only counted") {
  SlotPool pool;
  Slots slots(pool);
  for (int i = 0; i < 1000; ++i) REQUIRE(slots.try_take());
  CHECK(slots.counts().in_use == 1000);
  CHECK(pool.counts().in_use == 1000);
  for (int i = 0; i < 1000; ++i) slots.release(start);
  CHECK(slots.idle());
}

TEST_CASE("a release hands its slot to whoever waits longest, and no newcomer passes") {
  SlotPool pool;
  Slots slots(pool);
  slots.set_limit(1, start);
  REQUIRE(slots.try_take());
  Waiter first, second;
  REQUIRE(wait(first, {&slots}));
  REQUIRE(wait(second, {&slots}));
  slots.release(start);
  CHECK(first.got == &slots);
  CHECK(second.got == nullptr);
  CHECK_FALSE(slots.try_take());
  CHECK(slots.counts().in_use == 1);
  slots.release(start);
  CHECK(second.got == &slots);
  slots.release(start);
  CHECK(slots.idle());
}

TEST_CASE("a limit is live: up hands out at once, down drains") {
  SlotPool pool;
  Slots slots(pool);
  slots.set_limit(2, start);
  REQUIRE(slots.try_take());
  REQUIRE(slots.try_take());
  std::vector<std::unique_ptr<Waiter>> waiters;
  for (int i = 0; i < 5; ++i) {
    waiters.push_back(std::make_unique<Waiter>());
    REQUIRE(wait(*waiters.back(), {&slots}));
  }
  slots.set_limit(5, start);
  CHECK(slots.counts().in_use == 5);
  CHECK(slots.counts().pending == 2);
  slots.set_limit(1, start);
  for (int i = 0; i < 4; ++i) slots.release(start);
  CHECK(slots.counts().in_use == 1);
  CHECK(slots.counts().pending == 2);
  slots.set_limit(std::nullopt, start);
  CHECK(slots.counts().pending == 0);
  CHECK(slots.counts().in_use == 3);
}

TEST_CASE("the first free slot of several serves, and the other lines forget the ticket") {
  SlotPool a, b;
  Slots one(a), two(b);
  one.set_limit(1, start);
  two.set_limit(1, start);
  REQUIRE(one.try_take());
  REQUIRE(two.try_take());
  Waiter waiter;
  REQUIRE(wait(waiter, {&one, &two}));
  CHECK(one.counts().pending + two.counts().pending == 1);
  two.release(start);
  CHECK(waiter.got == &two);
  CHECK(one.counts().pending + two.counts().pending == 0);
  one.release(start);
  CHECK(one.idle());
}

TEST_CASE("a provider's cap binds over its keys, first come first served") {
  SlotPool pool;
  Slots one(pool), two(pool);
  pool.set_limit(1, start);
  REQUIRE(one.try_take());
  CHECK_FALSE(two.try_take());
  Waiter first, second;
  REQUIRE(wait(first, {&two}));
  REQUIRE(wait(second, {&one}));
  one.release(start);
  CHECK(first.got == &two);
  CHECK(second.got == nullptr);
  two.release(start);
  CHECK(second.got == &one);
  one.release(start);
}

TEST_CASE("a full line turns away, a class of low priority is passed but not starved") {
  SlotPool pool;
  Slots slots(pool);
  slots.set_limit(1, start);
  slots.set_queue_bound(3);
  REQUIRE(slots.try_take());
  Waiter low, normal, late, refused;
  REQUIRE(wait(low, {&slots}, start, Turn::low));
  REQUIRE(wait(normal, {&slots}, start + Milliseconds(1)));
  REQUIRE(wait(late, {&slots}, start + std::chrono::seconds(31)));
  CHECK_FALSE(wait(refused, {&slots}));
  CHECK_FALSE(refused.waiting());
  slots.release(start);
  CHECK(normal.got);
  slots.release(start);
  CHECK(low.got);
  CHECK_FALSE(late.got);
  slots.release(start);
  CHECK(late.got);
  slots.release(start);
}

TEST_CASE("cancelling and timing out leave the line, and waits are told") {
  SlotPool pool;
  Slots slots(pool);
  slots.set_limit(1, start);
  REQUIRE(slots.try_take());
  Waiter gone, late, stays;
  REQUIRE(wait(gone, {&slots}));
  REQUIRE(wait(late, {&slots}));
  REQUIRE(wait(stays, {&slots}));
  CHECK(slots.oldest_wait(start + Milliseconds(700)) == Milliseconds(700));
  CHECK(slots.oldest_wait(start - std::chrono::hours(1)) == Milliseconds(0));
  Slots::cancel(gone, false, start);
  Slots::cancel(late, true, start);
  Slots::cancel(late, true, start);
  CHECK(slots.counts().timeouts_total == 1);
  CHECK(slots.counts().queued_total == 3);
  slots.release(start + Milliseconds(900));
  CHECK(stays.got);
  CHECK(slots.counts().waits.quantile(0.5) == Milliseconds(900));
  slots.release(start);
}

TEST_CASE("who steps out of a line comes back to its place, counted once and never turned away") {
  SlotPool pool;
  Slots one(pool), two(pool);
  for (auto* slots : {&one, &two}) {
    slots->set_limit(1, start);
    slots->set_queue_bound(2);
    REQUIRE(slots->try_take());
  }
  const auto place = position(Turn::normal, ++number, start);
  Waiter first, second, third, newcomer;
  REQUIRE(Slots::wait(first, std::vector{&one}, place, start));
  REQUIRE(wait(second, {&one, &two}, start));
  REQUIRE(wait(third, {&two}, start));
  Slots::cancel(first, false, start);
  REQUIRE(wait(newcomer, {&one}, start));
  // Both lines are full by now.
  REQUIRE(Slots::wait(first, std::vector{&one, &two}, place, start + Milliseconds(500), start));
  CHECK(one.oldest_wait(start + Milliseconds(700)) == Milliseconds(700));
  CHECK(pool.counts().queued_total == 4);
  CHECK(pool.counts().pending == 4);
  two.release(start + Milliseconds(900));
  CHECK(first.got == &two);
  CHECK(pool.counts().waits.quantile(1) == Milliseconds(900));
  one.release(start);
  CHECK(second.got == &one);
  one.release(start);
  CHECK(newcomer.got == &one);
  two.release(start);
  CHECK(third.got == &two);
  one.release(start);
  two.release(start);
  CHECK(pool.counts().timeouts_total == 0);
}

TEST_CASE("quantiles of waits are those of the last 256") {
  WaitTimes waits;
  CHECK_FALSE(waits.quantile(0.5).has_value());
  for (int i = 0; i < 1000; ++i) waits.add(Milliseconds(9));
  for (int i = 1; i <= 256; ++i) waits.add(Milliseconds(i));
  CHECK(waits.quantile(0.5) == Milliseconds(128));
  CHECK(waits.quantile(0.99) == Milliseconds(254));
  CHECK(waits.quantile(1) == Milliseconds(256));
}

TEST_CASE("the peak is that of the step function, as counted by hand") {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    PeakWindow window;
    std::vector<std::pair<TimePoint, int>> steps{{start - std::chrono::hours(1), 0}};
    auto now = start;
    for (int i = 0; i < 400; ++i) {
      now += Milliseconds(random() % (random() % 8 == 0 ? 15'000 : 900));
      if (random() % 3) {
        const int value = static_cast<int>(random() % 70);
        window.set(value, now);
        steps.emplace_back(now, value);
      }
      int wanted = 0;
      for (std::size_t k = 0; k < steps.size(); ++k) {
        const auto left = k + 1 < steps.size() ? steps[k + 1].first : now;
        if (left >= now - PeakWindow::span) wanted = std::max(wanted, steps[k].second);
      }
      REQUIRE(window.peak(now) == wanted);
      REQUIRE(window.peak(now) >= steps.back().second);
    }
  }
}

namespace {

// What the controller must do, written as a model checker would: one list, looked through from the
// front at every change.
struct Model {
  struct Line {
    std::optional<int> limit;
    int in_use = 0;
    int pool = 0;
  };
  struct Ticket {
    int id;
    std::vector<int> lines;
  };
  std::vector<Line> lines;
  std::vector<std::optional<int>> caps;
  std::deque<Ticket> waiting;
  std::map<int, int> granted;  // ticket -> line

  int pool_use(int pool) const {
    int sum = 0;
    for (const auto& line : lines) sum += line.pool == pool ? line.in_use : 0;
    return sum;
  }
  bool room(int line) const {
    const auto& it = lines[line];
    return (!it.limit || it.in_use < *it.limit) &&
           (!caps[it.pool] || pool_use(it.pool) < *caps[it.pool]);
  }
  // Which line serves is free among those with room; the real one tells.
  void settle(const std::map<int, int>& real) {
    for (bool moved = true; moved;) {
      moved = false;
      for (auto it = waiting.begin(); it != waiting.end() && !moved; ++it)
        for (const int line : it->lines)
          if (room(line)) {
            const auto served = real.find(it->id);
            REQUIRE(served != real.end());
            REQUIRE(room(served->second));
            ++lines[served->second].in_use;
            granted[it->id] = served->second;
            waiting.erase(it);
            moved = true;
            break;
          }
    }
  }
};

}  // namespace

TEST_CASE("under random use the line is first come first served, caps hold and no slot is lost") {
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    SlotPool pools[2];
    std::vector<std::unique_ptr<Slots>> slots;
    Model model;
    model.caps = {std::nullopt, std::nullopt};
    for (int i = 0; i < 4; ++i) {
      slots.push_back(std::make_unique<Slots>(pools[i / 2]));
      slots.back()->set_queue_bound(10'000);
      slots.back()->set_limit(1 + below(3), start);
      model.lines.push_back({slots.back()->limit(), 0, i / 2});
    }
    std::map<int, std::unique_ptr<Waiter>> waiters;
    std::map<int, Position> places;
    std::map<int, int> real;   // ticket -> line, once granted
    std::vector<int> running;  // lines in use, one entry each
    auto now = start;
    int next = 0;
    const auto collect = [&] {
      for (auto& [id, waiter] : waiters)
        if (waiter->got && !real.contains(id))
          for (int i = 0; i < 4; ++i)
            if (waiter->got == slots[i].get()) {
              real[id] = i;
              running.push_back(i);
            }
      model.settle(real);
      for (const auto& [id, line] : real) REQUIRE(model.granted.at(id) == line);
      for (int i = 0; i < 4; ++i) REQUIRE(slots[i]->counts().in_use == model.lines[i].in_use);
      int pending = 0;
      for (int i = 0; i < 4; ++i) pending += slots[i]->counts().pending;
      REQUIRE(pending == static_cast<int>(model.waiting.size()));
    };
    for (int step = 0; step < 600; ++step) {
      now += Milliseconds(below(50));
      switch (below(9)) {
        case 0:
        case 1:
        case 2: {
          std::vector<int> lines{below(4)};
          if (below(2)) lines.push_back((lines[0] + 1 + below(3)) % 4);
          int taken = -1;
          for (const int line : lines)
            if (taken < 0 && slots[line]->try_take()) taken = line;
          const int id = next++;
          if (taken >= 0) {
            for (const auto& waiting : model.waiting)
              REQUIRE(std::ranges::find(waiting.lines, taken) == waiting.lines.end());
            REQUIRE(model.room(taken));
            ++model.lines[taken].in_use;
            running.push_back(taken);
            break;
          }
          auto waiter = std::make_unique<Waiter>();
          std::vector<Slots*> all;
          for (const int line : lines) all.push_back(slots[line].get());
          places[id] = position(Turn::normal, ++number, now);
          REQUIRE(Slots::wait(*waiter, all, places[id], now));
          waiters[id] = std::move(waiter);
          model.waiting.push_back({id, lines});
          break;
        }
        case 3:
        case 4: {
          if (running.empty()) break;
          const auto at = running.begin() + below(static_cast<int>(running.size()));
          const int line = *at;
          running.erase(at);
          --model.lines[line].in_use;
          slots[line]->release(now);
          break;
        }
        case 5: {
          if (model.waiting.empty()) break;
          const auto at = model.waiting.begin() + below(static_cast<int>(model.waiting.size()));
          Slots::cancel(*waiters.at(at->id), below(2) == 0, now);
          waiters.erase(at->id);
          model.waiting.erase(at);
          break;
        }
        case 6: {
          // Looks for somebody else, and comes back to lines that are full.
          if (model.waiting.empty()) break;
          const auto at = model.waiting.begin() + below(static_cast<int>(model.waiting.size()));
          auto& waiter = *waiters.at(at->id);
          Slots::cancel(waiter, false, now);
          std::vector<Slots*> all;
          std::vector<int> lines;
          for (int line = 0; line < 4; ++line)
            if (!slots[line]->room() && (lines.empty() || below(2))) {
              lines.push_back(line);
              all.push_back(slots[line].get());
            }
          if (lines.empty()) {
            waiters.erase(at->id);
            model.waiting.erase(at);
            break;
          }
          at->lines = lines;
          REQUIRE(Slots::wait(waiter, all, places.at(at->id), now, start));
          break;
        }
        case 7: {
          const int line = below(4);
          std::optional<int> limit;
          if (below(10)) limit = 1 + below(5);
          model.lines[line].limit = limit;
          slots[line]->set_limit(limit, now);
          break;
        }
        default: {
          const int pool = below(2);
          std::optional<int> cap;
          if (below(2)) cap = 1 + below(5);
          model.caps[pool] = cap;
          pools[pool].set_limit(cap, now);
        }
      }
      collect();
    }
    // What ends gives everything back: nobody is left behind.
    for (auto& pool : pools) pool.set_limit(std::nullopt, now);
    model.caps = {std::nullopt, std::nullopt};
    collect();
    while (!running.empty()) {
      const int line = running.back();
      running.pop_back();
      --model.lines[line].in_use;
      slots[line]->release(now);
      collect();
    }
    CHECK(model.waiting.empty());
    for (const auto& one : slots) CHECK(one->idle());
  }
}
