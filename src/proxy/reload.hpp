// Notices changes of the store and of the fetched model lists, and asks for a reload.
//
// inotify on the folders, so that a replaced file is seen; several changes within 50 ms are one.
// Where the system gives no watch it says so, and only SIGHUP and the admin API are left. I/O
// thread only.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/config/paths.hpp"
#include "proxy/net/asio.hpp"

namespace tpool::proxy {

class StoreWatch {
 public:
  StoreWatch(net::Io& io, const config::Paths& paths, std::function<net::Task<>()> changed);
  // A reload begins for another reason: what changed before it is no news.
  void forget();
  void stop();

 private:
  net::Task<> run();
  bool relevant();

  net::Descriptor notify_;
  net::Timer quiet_;
  // Watch of a folder -> file name in it, empty for any; a folder may hold several of ours.
  std::multimap<int, std::string> watched_;
  std::function<net::Task<>()> changed_;
  bool stopped_ = false;
};

}  // namespace tpool::proxy
