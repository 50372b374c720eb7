#pragma once
// What SimGrid's versions name differently. Everything here was compiled with 3.32 only; the later
// branches follow the published change lists.

#include <simgrid/version.h>
#include <simgrid/s4u.hpp>
#include <string>

namespace numasim::engine::sg_compat {

namespace sg4 = simgrid::s4u;

/// Calls `handler` at the end of each computation and each flow, whatever end it took.
template <class Handler>
void on_completion(Handler handler) {
#if SIMGRID_VERSION >= 33400
  sg4::Comm::on_completion_cb([handler](const sg4::Comm& comm) { handler(comm); });
  sg4::Exec::on_completion_cb([handler](const sg4::Exec& exec) { handler(exec); });
#else
  sg4::Activity::on_completion_cb(handler);
#endif
}

/// The option that sets how close two dates must be to be one.
inline std::string timing_precision(const std::string& seconds) {
#if SIMGRID_VERSION >= 33400
  return "precision/timing:" + seconds;
#else
  return "surf/precision:" + seconds;
#endif
}

/// The option that keeps TCP's window from limiting a flow.
inline std::string no_tcp_window() {
#if SIMGRID_VERSION >= 33400
  return "network/TCP-gamma:0";
#else
  return "network/TCP-gamma:1e30";
#endif
}

inline sg4::NetZone* create_full_zone([[maybe_unused]] sg4::Engine& engine,
                                      const std::string& name) {
#if SIMGRID_VERSION >= 40000
  return engine.get_netzone_root()->add_netzone_full(name);
#else
  return sg4::create_full_zone(name);
#endif
}

inline sg4::Host* create_host(sg4::NetZone& zone, const std::string& name, double speed) {
#if SIMGRID_VERSION >= 40000
  return zone.add_host(name, speed);
#else
  return zone.create_host(name, speed);
#endif
}

inline sg4::Link* create_link(sg4::NetZone& zone, const std::string& name, double bandwidth) {
#if SIMGRID_VERSION >= 40000
  return zone.add_link(name, bandwidth);
#else
  return zone.create_link(name, bandwidth);
#endif
}

/// A route one way.
inline void add_route(sg4::NetZone& zone, sg4::Host* from, sg4::Host* to,
                      const std::vector<sg4::LinkInRoute>& links) {
#if SIMGRID_VERSION >= 40000
  zone.add_route(from, to, links, false);
#else
  zone.add_route(from->get_netpoint(), to->get_netpoint(), nullptr, nullptr, links, false);
#endif
}

}  // namespace numasim::engine::sg_compat
