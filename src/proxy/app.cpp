#include "proxy/app.hpp"

#include "core/log.hpp"
#include "core/route/deadlines.hpp"
#include "core/route/spending.hpp"
#include "proxy/net/asio.hpp"
#include "proxy/net/buffer.hpp"

namespace tpool::proxy {
namespace {

// Streams still running then are ended in their client's protocol.
constexpr auto longest_drain = std::chrono::seconds(35);
// Memory of a burst goes back within twice this time.
constexpr auto tidy_every = std::chrono::seconds(2);

std::optional<std::filesystem::path> turns_file(const AppOptions& options) {
  if (!options.paths) return std::nullopt;
  return options.paths->turns();
}

std::optional<std::filesystem::path> deadlines_file(const AppOptions& options) {
  if (!options.paths) return std::nullopt;
  return options.paths->deadlines();
}

std::optional<std::filesystem::path> spending_file(const AppOptions& options) {
  if (!options.paths) return std::nullopt;
  return options.paths->spending();
}

gate::Kept kept(route::Deployments& deployments) {
  gate::Kept made;
  made.name = "deadlines";
  made.changes = [&] { return deployments.changes(); };
  made.text = [&] {
    return route::write_deadlines(deployments.kept(std::chrono::system_clock::now()));
  };
  made.restore = [&](std::string_view text) -> Result<> {
    const auto holds = route::read_deadlines(text);
    if (!holds) return holds.error();
    deployments.restore(*holds, std::chrono::system_clock::now());
    return {};
  };
  return made;
}

gate::Kept kept(route::Budgets& budgets) {
  gate::Kept made;
  made.name = "today's costs";
  made.changes = [&] { return budgets.changes(); };
  made.text = [&] { return route::write_spending(budgets.kept()); };
  made.restore = [&](std::string_view text) -> Result<> {
    const auto spending = route::read_spending(text);
    if (!spending) return spending.error();
    budgets.restore(*spending, std::chrono::system_clock::now());
    return {};
  };
  return made;
}

}  // namespace

App::App(std::shared_ptr<const Snapshot> snapshot, AppOptions options)
    : options_(std::move(options)),
      io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      alarms_(io_),
      poller_(io_),
      connections_(io_, poller_),
      line_(io_),
      keeper_(io_, offload_, kept(deployments_), deadlines_file(options_)),
      spending_(io_, offload_, kept(budgets_), spending_file(options_)),
      turns_(offload_, turns_file(options_)),
      services_{offload_, connections_, deployments_, retries_,  line_, keeper_,
                budgets_, spending_,    experience_,  observer_, turns_},
      api_(
          services_, options_.paths, [this] { return reload(); },
          options_.host + ":" + std::to_string(options_.port)),
      routes_(services_, api_, inbound::ClientAuth(options_.host, options_.port, options_.no_auth)),
      server_(io_, alarms_, poller_, routes_),
      last_call_(io_.get_executor()),
      tidier_(io_.get_executor()),
      revision_(snapshot->revision) {
  deployments_.configure(*snapshot->config, std::chrono::system_clock::now());
  take_up_keys(*snapshot);
  keeper_.load();
  budgets_.configure(*snapshot->config);
  spending_.load();
  tell(*snapshot);
  routes_.use(std::move(snapshot));
}

bool App::take_up_keys(const Snapshot& snapshot) {
  const auto before = deployments_.changes();
  const auto& providers = snapshot.pool->providers;
  for (std::size_t i = 0; i < providers.size(); ++i) {
    const auto& keys = providers[i].stored->keys;
    for (std::size_t k = 0; k < snapshot.destinations[i].size(); ++k) {
      const auto& one = snapshot.destinations[i][k];
      deployments_.found(providers[i].id, keys.empty() ? "" : keys[k].id,
                         {one.proof(), one.problem ? one.problem->message : ""});
    }
  }
  return deployments_.changes() != before;
}

Result<> App::listen() {
  if (auto listening = server_.listen_tcp(options_.host, options_.port); !listening)
    return listening.error();
  routes_.listening_on(server_.port());
  if (!options_.paths) return {};
  if (auto listening = server_.listen_unix(options_.paths->admin_socket()); !listening)
    return listening.error();
  watch_.emplace(io_, *options_.paths, [this] { return reload_unasked(); });
  return {};
}

void App::run() {
  server_.start();
  tidy();
  io_.run();
  keeper_.save_now();
  spending_.save_now();
}

void App::tidy() {
  tidier_.expires_after(tidy_every);
  tidier_.async_wait([this](boost::system::error_code ec) {
    if (ec) return;
    net::drop_unused_buffers();
    keeper_.changed();
    spending_.changed();
    tidy();
  });
}

void App::watch_signals() {
  net::asio::co_spawn(io_.get_executor(), signals(), net::asio::detached);
}

net::Task<> App::signals() {
  net::asio::basic_signal_set<net::Executor> set(io_.get_executor(), SIGINT, SIGTERM, SIGHUP);
  for (;;) {
    boost::system::error_code ec;
    auto token = net::asio::redirect_error(net::Use{}, ec);
    const int signal = co_await set.async_wait(token);
    if (ec) co_return;
    if (signal == SIGHUP) {
      // Not waited for: a key's command may be slow, and Ctrl-C is not to wait behind it.
      net::asio::co_spawn(io_.get_executor(), reload_unasked(), net::asio::detached);
      continue;
    }
    if (stopping_) {
      log::warn("stopping at once");
      io_.stop();
      co_return;
    }
    log::info("draining: no new connections, open streams run to their end");
    stop();
  }
}

void App::request_stop() {
  net::asio::post(io_, [this] { stop(); });
}

void App::stop() {
  if (stopping_) return;
  stopping_ = true;
  routes_.drain();
  if (watch_) watch_->stop();
  last_call_.expires_after(longest_drain);
  last_call_.async_wait([this](boost::system::error_code ec) {
    if (!ec) alarms_.end_all();
  });
  server_.drain([this] { io_.stop(); });
}

// Once, for as long as it is the same.
void App::tell(const Snapshot& snapshot) {
  if (snapshot.notes == told_) return;
  told_ = snapshot.notes;
  for (const auto& note : told_) log::warn(note);
}

net::Task<> App::reload_unasked() {
  const auto ignored = co_await reload();
  (void)ignored;
}

net::Task<Result<>> App::reload() {
  if (!options_.paths) co_return Error{Code::invalid, "there is no store to reload"};
  const auto number = ++reloads_;
  if (watch_) watch_->forget();
  auto work = [paths = *options_.paths] { return load_snapshot(paths); };
  auto loaded = co_await offload_.run(std::move(work));
  if (number < taken_up_) co_return Result<>();
  taken_up_ = number;
  if (!loaded) {
    log::error("the store was not reloaded, the last good one serves on: " +
               loaded.error().message);
    api_.store_problem(loaded.error().message);
    co_return loaded.error();
  }
  api_.store_problem({});
  const bool edited = (*loaded)->revision != revision_;
  if (edited) {
    deployments_.configure(*(*loaded)->config, std::chrono::system_clock::now());
    budgets_.configure(*(*loaded)->config);
    log::info("reloaded the store, revision " + (*loaded)->revision);
  }
  if (take_up_keys(**loaded) || edited) {
    keeper_.changed();
    line_.call_all();
  }
  revision_ = (*loaded)->revision;
  tell(**loaded);
  routes_.use(std::move(*loaded));
  co_return Result<>();
}

}  // namespace tpool::proxy
