// The door to Asio: the few names of it that the proxy uses.
//
// One I/O thread runs one io_context; everything in src/proxy lives on it unless a header says
// otherwise. A concrete executor instead of the type-erased one keeps coroutine switches cheap.
#pragma once

#include "proxy/net/frames.hpp"

// clang-format off: before Asio's own use of it
#include <boost/asio/detail/thread_info_base.hpp>

template <>
inline void* boost::asio::detail::thread_info_base::allocate(awaitable_frame_tag, thread_info_base*,
                                                             std::size_t size, std::size_t) {
  return tpool::net::frames::take(size);
}
template <>
inline void boost::asio::detail::thread_info_base::deallocate(awaitable_frame_tag,
                                                              thread_info_base*, void* frame,
                                                              std::size_t size) {
  tpool::net::frames::give_back(frame, size);
}
// clang-format on

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>

namespace tpool::net {

namespace asio = boost::asio;

using Io = asio::io_context;
using Executor = Io::executor_type;
template <class T = void>
using Task = asio::awaitable<T, Executor>;
using Use = asio::use_awaitable_t<Executor>;
using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace tpool::net
