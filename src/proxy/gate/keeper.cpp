#include "proxy/gate/keeper.hpp"

#include <utility>

#include "core/config/private_file.hpp"
#include "core/log.hpp"

namespace tpool::gate {
namespace {

constexpr auto debounce = std::chrono::milliseconds(100);

}  // namespace

Keeper::Keeper(net::Io& io, net::Offload& offload, Kept kept,
               std::optional<std::filesystem::path> file)
    : io_(io),
      offload_(offload),
      kept_(std::move(kept)),
      file_(std::move(file)),
      pause_(io.get_executor()) {}

void Keeper::load() {
  if (!file_) return;
  const auto text = config::read_file(*file_);
  if (!text) {
    if (text.error().code != Code::not_found) log::warn(text.error().message);
    return;
  }
  if (const auto restored = kept_.restore(*text); !restored)
    return log::warn(file_->string() + ": " + restored.error().message);
  saved_ = on_disk_->changes = kept_.changes();
}

void Keeper::changed() {
  if (!file_ || due_ || saved_ == kept_.changes()) return;
  due_ = true;
  pause_.expires_after(debounce);
  pause_.async_wait([this](boost::system::error_code ec) {
    if (ec) return;
    net::asio::co_spawn(io_.get_executor(), save(), net::asio::detached);
  });
}

std::function<Result<>()> Keeper::writing() const {
  return [file = *file_, on_disk = on_disk_, changes = kept_.changes(),
          text = kept_.text()]() -> Result<> {
    const std::scoped_lock lock(on_disk->mutex);
    if (on_disk->changes >= changes) return {};
    const auto written = config::replace_file(file, text);
    if (written) on_disk->changes = changes;
    return written;
  };
}

net::Task<> Keeper::save() {
  const auto before = std::exchange(saved_, kept_.changes());
  auto work = writing();
  const auto written = co_await offload_.run(std::move(work));
  due_ = false;
  if (written) {
    changed();
  } else {
    saved_ = before;
    failed(written.error());
  }
}

void Keeper::save_now() {
  if (!file_ || (saved_ == kept_.changes() && !due_)) return;
  saved_ = kept_.changes();
  const auto written = writing()();
  if (!written) failed(written.error());
}

void Keeper::failed(const Error& error) {
  // A full disk is no reason to stop serving, and none to say so ten times a second.
  if (!told_) log::warn(kept_.name + " are not kept over a restart: " + error.message);
  told_ = true;
}

}  // namespace tpool::gate
