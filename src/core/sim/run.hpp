// One run: ninety minutes of sessions against six deployments, with one contestant choosing.
//
// A closed loop: a session asks again only after its answer. Deterministic in its arguments. Any
// thread; runs share nothing.
#pragma once

#include <cstdint>

#include "core/route/profile.hpp"
#include "core/sim/tally.hpp"
#include "core/sim/world.hpp"

namespace tpool::sim {

Tally run(std::uint64_t seed, Regime regime, route::Profile profile, const Contestant& contestant,
          Caps caps = {});

}  // namespace tpool::sim
