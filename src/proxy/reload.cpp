#include "proxy/reload.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>

#include "core/catalog/facts_file.hpp"
#include "core/connect/kept_entry.hpp"
#include "core/log.hpp"
#include "proxy/net/asio.hpp"

namespace tpool::proxy {
namespace {

constexpr auto settle = std::chrono::milliseconds(50);

// Each user has so many watches, and editors use them up.
void warn_of_blindness(int error) {
  log::warn("changes of the store are not noticed by themselves (" + describe_errno(error) +
            "): after one, kill -HUP " + std::to_string(::getpid()));
}

}  // namespace

StoreWatch::StoreWatch(net::Io& io, const config::Paths& paths,
                       std::function<net::Task<>()> changed)
    : notify_(io.get_executor()), quiet_(io.get_executor()), changed_(std::move(changed)) {
  const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) {
    warn_of_blindness(errno);
    return;
  }
  notify_.assign(descriptor);
  int error = 0;
  const auto watch = [&](const std::filesystem::path& folder, const std::string& name) {
    if (!config::make_private_folder(folder)) return;
    const int id =
        ::inotify_add_watch(descriptor, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE);
    if (id >= 0)
      watched_.emplace(id, name);
    else
      error = errno;
  };
  // A store that is a link changes where it points.
  std::error_code ignored;
  const auto resolved = std::filesystem::weakly_canonical(paths.store, ignored);
  watch(paths.store.parent_path(), paths.store.filename().string());
  if (!ignored && resolved != paths.store)
    watch(resolved.parent_path(), resolved.filename().string());
  watch(paths.model_lists(), "");
  watch(paths.state, catalog::facts_file(paths).filename().string());
  watch(paths.cache, connect::kept_entry_file(paths).filename().string());
  if (error) warn_of_blindness(error);
  net::asio::co_spawn(io.get_executor(), run(), net::asio::detached);
}

void StoreWatch::forget() {
  if (!notify_.is_open()) return;
  relevant();
  quiet_.cancel();
}

void StoreWatch::stop() {
  stopped_ = true;
  boost::system::error_code ignored;
  notify_.cancel(ignored);
  quiet_.cancel();
}

bool StoreWatch::relevant() {
  alignas(inotify_event) char events[4096];
  bool found = false;
  for (;;) {
    const auto size = ::read(notify_.native_handle(), events, sizeof events);
    if (size <= 0) return found;
    for (const char* at = events; at < events + size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      const std::string name = event->len ? event->name : "";
      const auto [first, last] = watched_.equal_range(event->wd);
      found = found || std::any_of(first, last, [&](const auto& one) {
                return one.second.empty() ? !name.starts_with('.') : name == one.second;
              });
      at += sizeof(inotify_event) + event->len;
    }
  }
}

net::Task<> StoreWatch::run() {
  while (!stopped_) {
    boost::system::error_code ec;
    auto token = net::asio::redirect_error(net::Use{}, ec);
    co_await notify_.async_wait(net::Descriptor::wait_read, token);
    if (ec || stopped_) co_return;
    if (!relevant()) continue;
    quiet_.expires_after(settle);
    auto waited = net::asio::redirect_error(net::Use{}, ec);
    co_await quiet_.async_wait(waited);
    if (stopped_) co_return;
    if (ec) continue;
    relevant();
    co_await changed_();
  }
}

}  // namespace tpool::proxy
