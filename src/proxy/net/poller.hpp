// Which sockets of this thread may be read or written: one edge-triggered epoll set.
//
// A socket is registered once, at its first wait, and the kernel then tells changes only; Asio arms
// a descriptor anew for every wait, a system call each. Asio waits for the set itself, as for one
// more descriptor. Whoever is ready in one look is resumed, one after another; then those who asked
// for a turn. I/O thread only.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "proxy/net/alarm.hpp"
#include "proxy/net/asio.hpp"

namespace tpool::net {

class Poller;

// One socket, and the one coroutine that may be suspended on it.
class Pollable : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 protected:
  ~Pollable() = default;

  // What the kernel told last. The owner takes a flag back when it finds nothing left to read or no
  // room to write: another change will then be told.
  bool may_read_ = false;
  bool may_write_ = false;
  bool over_ = false;  // the other side sends nothing more
  // Told to leave() at once when that happens, whatever the owner does; outlives the socket.
  Alarm* client_ = nullptr;

 private:
  friend class Poller;
  enum class Want { nothing, read, write, turn };
  static constexpr std::uint32_t no_slot = ~std::uint32_t{0};
  Want want_ = Want::nothing;
  std::uint32_t slot_ = no_slot;  // of the poller that watches it
  std::optional<asio::async_result<Use, void()>::handler_type> suspended_;
};

class Poller {
 public:
  explicit Poller(Io& io);
  // Coroutines still suspended are unwound by the Io's destructor.
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Suspend until `one` is told readable or writable, or was woken. The flag must be down. They
  // throw std::system_error when the kernel takes no more sockets.
  Task<> readable(Pollable& one, int descriptor);
  Task<> writable(Pollable& one, int descriptor);
  // Suspends until everybody who is ready now went on.
  Task<> turn(Pollable& one);
  // Ends a wait for reading or writing; harmless when there is none.
  void wake(Pollable& one);
  // Of this socket only the hang-up still matters: somebody else reads and writes it.
  void hang_up_only(Pollable& one, int descriptor);
  // Nothing is told any more, whatever the kernel still tells: it goes on for as long as a child
  // process, between its start and its program, holds a copy of the descriptor. Before `one` ends.
  static bool is_watched(const Pollable& one) { return one.slot_ != Pollable::no_slot; }
  void forget(Pollable& one);

 private:
  using List = boost::intrusive::list<Pollable, boost::intrusive::constant_time_size<false>>;

  // What the kernel gives back with an event: the slot in the low half, over it whose turn it is.
  struct Slot {
    Pollable* one = nullptr;
    std::uint32_t turn = 0;
  };
  std::uint64_t take_slot(Pollable& one);
  void watch(Pollable& one, int descriptor);
  Task<> suspend(Pollable& one, Pollable::Want want);
  void wait();
  void schedule();
  void run();
  void look();
  void resume(List& list);

  Executor executor_;
  Descriptor set_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  List waiting_;
  List ready_;
  List turns_;
  bool running_ = false;  // run() is under way or posted
};

}  // namespace tpool::net
