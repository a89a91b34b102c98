// Asio and Beast, compiled once here for the whole program.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
