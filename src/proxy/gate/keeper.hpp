// Keeps a value over a restart: a change of it is on disk shortly after.
//
// changed() is cheap and may be called after every attempt: at most one write in 100 ms, off the
// I/O thread, atomic and 0600. save_now() is for the end of the process. I/O thread only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "proxy/net/offload.hpp"

namespace tpool::gate {

// What is kept; whatever its functions refer to outlives the keeper.
struct Kept {
  std::string name;  // "deadlines", for the log
  std::function<std::uint64_t()> changes;
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
  net::Task<> save();
  void failed(const Error& error);

  net::Io& io_;
  net::Offload& offload_;
  const Kept kept_;
  std::optional<std::filesystem::path> file_;
  net::Timer pause_;
  std::uint64_t saved_ = 0;
  bool due_ = false;
  bool told_ = false;
};

}  // namespace tpool::gate
