// Everything remembered of every (provider, key, model): what bars it, what runs there, how fast.
//
// One table feeds routing, /health, the admin API and the simulation. plan() asks look(), which
// finds by views and allocates nothing. An attempt reports began() and then exactly one of
// succeeded(), failed() and abandoned(); its slot is taken and released at `slots`. What runs at a
// provider that no store names any more is forgotten once nothing does; what bars its keys stays,
// as they may come back. Nothing absorbs: every bar has a time, a probe, or a named way out (an
// edit of the key, a reset, a passed test). Times are arguments. One thread at a time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/config/config.hpp"
#include "core/route/breaker.hpp"
#include "core/route/failure.hpp"
#include "core/route/hold.hpp"
#include "core/route/in_flight.hpp"
#include "core/route/pacing.hpp"
#include "core/route/permits.hpp"
#include "core/route/strikes.hpp"

namespace tpool::route {

// Names a deployment; the key of a provider that takes none is empty.
struct Where {
  std::string_view provider;
  std::string_view key;
  std::string_view model;
  bool operator==(const Where&) const = default;
};

// What a request brings along.
struct Ask {
  TimePoint now{};
  std::int64_t tokens = 0;  // an estimate of all it will use
  bool low_stake = false;   // background: may probe first
};

// Why a candidate should not be used now.
struct Barred {
  std::string_view state;  // cooldown | quota | auth | hold | rate | breaker | busy
  std::string_view reason;
  TimePoint ready = TimePoint::max();  // when it may end by itself
  bool soft = false;                   // goes behind others, but is used when there are none
  // By the provider's word; a long rest is doubted, and looked at before.
  TimePoint until = TimePoint::max();
};

// What is known of a candidate at a moment.
struct Look {
  std::optional<Barred> bar = {};
  std::string_view state = "healthy";  // or degraded, or what bars it
};

struct ProviderNode {
  SlotPool slots;
  Breaker breaker;         // of the way there
  std::uint64_t ways = 0;  // how often that changed
  Bar bar;                 // of its account, for keys that are in no group
  std::optional<int> configured;
  // Of each model, over all keys.
  std::map<std::string, std::unique_ptr<QueueCounts>, std::less<>> rows;
};

// What became of looking for a key where the store says it is.
struct KeyFound {
  std::size_t proof = 0;     // tells its secret from any other
  std::string problem = {};  // why it cannot be used
};

struct KeyNode {
  std::string group;
  Bar bar;
  std::string fingerprint;        // of where the key is found: another one deserves a new try
  std::optional<KeyFound> found;  // nullopt: nobody said
};

struct Deployment {
  Deployment(const Where& where, ProviderNode& its_provider, KeyNode& its_key, QueueCounts& row);
  Where where() const { return {provider, key, model}; }

  const std::string provider;
  const std::string key;
  const std::string model;
  ProviderNode& provider_node;
  KeyNode& key_node;
  Slots slots;
  Bar bar;
  Breaker breaker;
  InFlight in_flight;
  Pacer pacer;
  Learned learned;
  Strikes strikes;
  std::optional<int> configured = {};  // the limit the store says
};

// An attempt under way; what began() says and the other three want back.
struct Running {
  TimePoint began{};
  std::int64_t tokens = 0;
  bool probe = false;           // of the deployment's breaker
  bool provider_probe = false;  // of the provider's
  std::uint64_t way = 0;        // by which it went: what another one met says nothing of today's
};

// A bar worth keeping over a restart.
struct KeptHold {
  std::string provider;
  std::string key;
  std::string model;  // empty: all of the key, or more
  std::string group;
  Hold hold;
};

class Deployments {
 public:
  Deployments() = default;
  Deployments(const Deployments&) = delete;
  Deployments& operator=(const Deployments&) = delete;

  // Takes up limits, groups, keys and numbers. A key that is found elsewhere now is another one:
  // nothing bars it. A provider that is reached another way gets its keys tried again.
  void configure(const config::Config& config, TimePoint now);
  // A key that was refused is tried with another secret; one that cannot be used is not.
  void found(std::string_view provider, std::string_view key, KeyFound found);
  // Whether the key still has the secret of this proof: what another one met says nothing of it.
  bool has(const Deployment& one, std::size_t proof) const;

  Look look(const Where& where, const Ask& ask) const;

  const Deployment* find(const Where& where) const;
  Deployment& at(const Where& where);
  // The limit in force, or the one the store says of a deployment never used.
  std::optional<int> limit(const Where& where) const;
  // After limits were set on the running proxy: the cap over all of the provider moves up with what
  // its keys are allowed for a model, and back to what the store says.
  void fit_cap(std::string_view provider, TimePoint now);
  const ProviderNode* provider(std::string_view id) const;
  ProviderNode* provider(std::string_view id);
  template <class Visit>
  void each(Visit visit) const {
    for (const auto& one : table_) visit(*one);
  }

  Past past(const Deployment& one, TimePoint now) const;
  Running began(Deployment& one, const Ask& ask);
  // `used`: tokens as the provider reported them.
  void succeeded(Deployment& one, const Running& running, std::optional<std::int64_t> used,
                 TimePoint now);
  void failed(Deployment& one, const Running& running, const Verdict& verdict, TimePoint now);
  void abandoned(Deployment& one, const Running& running, std::optional<std::int64_t> used,
                 TimePoint now);
  void learned(Deployment& one, const RateReports& reports, TimePoint now);

  // For whoever begins to wait, for a slot or for anything else.
  Position position(Turn turn, TimePoint now) { return route::position(turn, ++waiters_, now); }

  // Forgets what bars; an empty key or provider means all of them. How many bars that were.
  std::size_t reset(std::string_view provider, std::string_view key, TimePoint now);

  // Rises whenever a bar is set or lifted: whoever keeps them looks here.
  std::uint64_t changes() const { return changes_; }
  // What bars and has a time, or is a hold on the account; refused keys are tried anew.
  std::vector<KeptHold> kept(TimePoint now) const;
  void restore(const std::vector<KeptHold>& holds, TimePoint now);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const Where& where) const noexcept;
    std::size_t operator()(const std::unique_ptr<Deployment>& one) const noexcept {
      return (*this)(one->where());
    }
  };
  struct Same {
    using is_transparent = void;
    static Where where(const Where& one) { return one; }
    static Where where(const std::unique_ptr<Deployment>& one) { return one->where(); }
    bool operator()(const auto& a, const auto& b) const { return where(a) == where(b); }
  };

  ProviderNode& provider_node(std::string_view id);
  KeyNode& key_node(std::string_view provider, std::string_view key);
  const KeyNode* find_key(std::string_view provider, std::string_view key) const;
  const Bar* account(const ProviderNode* provider, const KeyNode* key) const;
  Bar* account(Deployment& one);
  void set(Deployment& one, const Hold& hold, TimePoint began, TimePoint now);
  config::Limits said(const Where& where) const;
  void apply_limits(Deployment& one, TimePoint now) const;
  void lift(Bar& bar);
  void reached_anew(std::string_view provider);
  // What was learned of a key that is another one now.
  void forget(KeyNode& key);
  void doubt(Milliseconds doubted);
  void ended(Deployment& one, const Running& running, std::optional<std::int64_t> used,
             TimePoint now);

  struct Stored {
    bool named = true;  // by the store of today
    std::string way;    // where it is and how it is asked, to notice an edit
    config::Limits limits;
    std::map<std::string, config::Limits, std::less<>> keys;
    std::map<std::string, config::Limits, std::less<>> models;  // by the name sent to it
  };
  std::map<std::string, std::unique_ptr<ProviderNode>, std::less<>> providers_;
  // By provider, then key: both looked up by view.
  std::map<std::string, std::map<std::string, std::unique_ptr<KeyNode>, std::less<>>, std::less<>>
      keys_;
  std::map<std::string, Bar, std::less<>> groups_;
  std::unordered_set<std::unique_ptr<Deployment>, Hash, Same> table_;
  // What the store says, for deployments that are made later. Limits of what it does not name any
  // more stand for those requests that still have it.
  std::map<std::string, Stored, std::less<>> stored_;
  config::Routing routing_ = {};
  std::uint64_t changes_ = 0;
  std::uint64_t waiters_ = 0;
};

}  // namespace tpool::route
