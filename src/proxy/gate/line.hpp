// Those who wait for a candidate to become ready again, first come first served.
//
// Everyone says when it is worth looking again. At that time, or when something was lifted early,
// they are called in the order they came; each then plans anew before the next one does, and who
// has to wait again keeps its place. I/O thread only.
#pragma once

#include <boost/intrusive/list.hpp>

#include "core/types.hpp"
#include "proxy/net/alarm.hpp"

namespace tpool::gate {

class Line {
 public:
  explicit Line(net::Io& io) : timer_(io.get_executor()) {}

  class Place : public boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    // Stands in the line until destroyed. `number` is 0 at first and then remembers the place.
    Place(Line& line, net::Alarm& alarm, TimePoint when, std::uint64_t& number);
    bool called() const { return called_; }

   private:
    friend class Line;
    net::Alarm& alarm_;
    TimePoint when_;
    std::uint64_t number_;
    bool called_ = false;
  };

  // Something was lifted: everybody looks again.
  void call_all();

 private:
  void arm();
  void call(Place& place);

  boost::intrusive::list<Place, boost::intrusive::constant_time_size<false>> places_;
  net::Timer timer_;
  TimePoint due_ = TimePoint::max();
  std::uint64_t last_ = 0;
};

}  // namespace tpool::gate
