// Those who wait for a candidate to become ready again, first come first served.
//
// Everyone says when it is worth looking again. At that time, or when something was lifted early,
// they are called in the order of their positions; each then plans anew before the next one does,
// and before anybody who gives way. I/O thread only.
#pragma once

#include <boost/intrusive/list.hpp>

#include "core/route/permits.hpp"
#include "proxy/net/alarm.hpp"

namespace tpool::gate {

class Line {
 public:
  explicit Line(net::Io& io) : timer_(io.get_executor()) {}

  class Place : public boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    // Stands in the line until destroyed.
    Place(Line& line, net::Alarm& alarm, TimePoint when, const route::Position& position);
    bool called() const { return called_; }

   private:
    friend class Line;
    net::Alarm& alarm_;
    TimePoint when_;
    route::Position position_;
    bool called_ = false;
  };

  // Something was lifted: everybody looks again.
  void call_all();
  // Some time was over before `now`, if nobody was called yet, and they are now.
  bool called(TimePoint now);
  // Lets those go first who were called and stand before `position`.
  net::Task<> give_way(const route::Position& position);

 private:
  void arm();
  void call(Place& place);
  void call_due(TimePoint now);

  boost::intrusive::list<Place, boost::intrusive::constant_time_size<false>> places_;
  net::Timer timer_;
  TimePoint due_ = TimePoint::max();
};

}  // namespace tpool::gate
