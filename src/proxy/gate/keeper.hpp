// Keeps a value over a restart: a change of it is on disk shortly after.
//
// changed() is cheap and may be called after every attempt: at most one write in 100 ms, off the
// I/O thread, atomic and 0600. A write that failed is tried again with the next call. save_now() is
// for the end of the process, while an older text may still be on its way: it never lands after a
// newer one. I/O thread only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "proxy/net/offload.hpp"

namespace tpool::gate {

// What is kept; whatever its functions refer to outlives the keeper.
struct Kept {
  std::string name;                        // "deadlines", for the log
  std::function<std::uint64_t()> changes;  // never falls
  std::function<std::string()> text;
  // Takes up the text that an earlier process left.
  std::function<Result<>(std::string_view)> restore;
};

class Keeper {
 public:
  Keeper(net::Io& io, net::Offload& offload, Kept kept, std::optional<std::filesystem::path> file);

  // Takes up what an earlier process left. Blocking: before the first request.
  void load();
  void changed();
  void save_now();

 private:
  // The one text that is on disk, for every thread that may write another one.
  struct OnDisk {
    std::mutex mutex;
    std::uint64_t changes = 0;
  };
  // Writes what is kept now, unless something newer is there by then; any thread may run it.
  std::function<Result<>()> writing() const;
  net::Task<> save();
  void failed(const Error& error);

  net::Io& io_;
  net::Offload& offload_;
  const Kept kept_;
  std::optional<std::filesystem::path> file_;
  const std::shared_ptr<OnDisk> on_disk_ = std::make_shared<OnDisk>();
  net::Timer pause_;
  std::uint64_t saved_ = 0;  // on disk, or on its way
  bool due_ = false;
  bool told_ = false;
};

}  // namespace tpool::gate
