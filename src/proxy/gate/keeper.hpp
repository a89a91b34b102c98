// Keeps deadlines over a restart: what bars a candidate is on disk shortly after it was learned.
//
// changed() is cheap and may be called after every attempt: at most one write in 100 ms, off the
// I/O thread, atomic and 0600. save_now() is for the end of the process. I/O thread only.
#pragma once

#include <filesystem>
#include <optional>

#include "core/error.hpp"
#include "core/route/deployments.hpp"
#include "proxy/net/offload.hpp"

namespace tpool::gate {

class Keeper {
 public:
  Keeper(net::Io& io, net::Offload& offload, route::Deployments& deployments,
         std::optional<std::filesystem::path> file);

  // Takes up what an earlier process left. Blocking: before the first request.
  void load();
  void changed();
  void save_now();

 private:
  net::Task<> save();
  void failed(const Error& error);

  net::Io& io_;
  net::Offload& offload_;
  route::Deployments& deployments_;
  std::optional<std::filesystem::path> file_;
  net::Timer pause_;
  std::uint64_t saved_ = 0;
  bool due_ = false;
  bool told_ = false;
};

}  // namespace tpool::gate
