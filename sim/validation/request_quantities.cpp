// What became of requests that had to wait, to try again, or to kill.

#include <algorithm>
#include <map>
#include <sstream>
#include <string>

#include "sim/validation/quantities.hpp"

namespace numasim::validation {
namespace {

std::string hexadecimal(std::uint32_t number) {
  std::ostringstream text;
  text << "0x" << std::hex << number;
  return text.str();
}

/// Requests of one kind, by what they ask for.
bool same_kind(const SlowRequest& a, const SlowRequest& b) {
  return a.gfp == b.gfp && a.order == b.order && a.memalloc == b.memalloc;
}

/// Mean of a value over the requests of a kind.
template <class Value>
Reading mean_of_kind(const Account& account, const SlowRequest& kind, Value value) {
  double sum = 0, count = 0;
  for (const SlowRequest& request : account.slow_requests) {
    if (!same_kind(request, kind)) continue;
    sum += static_cast<double>(value(request));
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

template <class Wanted>
double rounds_of(const Account& account, Wanted wanted) {
  double sum = 0;
  for (const SlowRequest& request : account.slow_requests)
    if (wanted(request)) sum += static_cast<double>(request.rounds);
  return sum;
}

}  // namespace

void add_nofail(const Account& recorded, std::vector<Quantity>& quantities) {
  for (std::size_t i = 0; i < recorded.slow_requests.size(); ++i) {
    const SlowRequest& request = recorded.slow_requests[i];
    const std::string name = "request " + std::to_string(i) + " (" + hexadecimal(request.gfp) +
                             (request.memalloc ? " memalloc" : "") + ", order " +
                             std::to_string(request.order) + "): ";
    const auto add = [&](const char* what, auto read, Target target) {
      quantities.push_back({name + what,
                            [i, read](const Account& account) -> Reading {
                              if (i >= account.slow_requests.size()) return std::nullopt;
                              return static_cast<double>(read(account.slow_requests[i]));
                            },
                            std::move(target)});
    };
    add(
        "served", [](const SlowRequest& r) { return r.served ? 1 : 0; }, exact());
    add(
        "rounds", [](const SlowRequest& r) { return r.rounds; }, within(1));
    add(
        "waits of 100 ms", [](const SlowRequest& r) { return r.long_naps; }, within(1));
    add(
        "waits of 20 ms", [](const SlowRequest& r) { return r.short_naps; }, within(1));
  }
}

void add_atomic(std::vector<Quantity>& quantities) {
  quantities.push_back(
      {"requests that may not wait and failed",
       [](const Account& account) -> Reading { return static_cast<double>(account.hook_failed); },
       exact()});
  quantities.push_back(
      {"requests that entered the slow path",
       [](const Account& account) -> Reading { return static_cast<double>(account.slow_path); },
       percent(15)});
}

void add_slow_operations(const Account& recorded, std::vector<Quantity>& quantities) {
  std::vector<SlowRequest> kinds;
  for (const SlowRequest& request : recorded.slow_requests)
    if (std::ranges::none_of(kinds, [&](const SlowRequest& k) { return same_kind(k, request); }))
      kinds.push_back(request);
  constexpr double kPoints = 5, kEnough = 10;
  for (const SlowRequest& kind : kinds) {
    const std::string name = hexadecimal(kind.gfp) + (kind.memalloc ? " memalloc" : "") +
                             ", order " + std::to_string(kind.order) + ": ";
    quantities.push_back({name + "% failed",
                          [kind](const Account& account) {
                            return mean_of_kind(account, kind, [](const SlowRequest& request) {
                              return request.served ? 0 : 100;
                            });
                          },
                          within(kPoints)});
    // A round or two among hundreds of requests come by chance.
    if (rounds_of(recorded, [&](const SlowRequest& r) { return same_kind(r, kind); }) < kEnough)
      continue;
    quantities.push_back({name + "rounds of a request",
                          [kind](const Account& account) {
                            return mean_of_kind(account, kind, [](const SlowRequest& request) {
                              return request.rounds;
                            });
                          },
                          percent(20)});
  }
  quantities.push_back({"rounds of all requests",
                        [](const Account& account) -> Reading {
                          return rounds_of(account, [](const SlowRequest&) { return true; });
                        },
                        percent(20)});
}

void add_faults(std::vector<Quantity>& quantities) {
  quantities.push_back({"requests",
                        [](const Account& account) -> Reading {
                          return static_cast<double>(account.hook_answers.size());
                        },
                        exact()});
  quantities.push_back({.name = "decisions unlike the recorded ones",
                        .read = {},
                        .target = {.kind = Target::Kind::most, .width = 0},
                        .between = [](const Account& theirs, const Account& ours) -> Reading {
                          double unlike = 0;
                          for (std::size_t i = 0; i < theirs.hook_answers.size(); ++i)
                            unlike += i >= ours.hook_answers.size() ||
                                              theirs.hook_answers[i] != ours.hook_answers[i]
                                          ? 1
                                          : 0;
                          return unlike;
                        }});
}

void add_oom(std::vector<Quantity>& quantities) {
  quantities.push_back(
      {"OOM kills",
       [](const Account& account) -> Reading { return static_cast<double>(account.kills.size()); },
       exact()});
  quantities.push_back({"constraint of the last out_of_memory",
                        [](const Account& account) -> Reading {
                          if (account.out_of_memory.empty()) return std::nullopt;
                          return static_cast<double>(account.out_of_memory.back());
                        },
                        exact()});
  quantities.push_back({"first victim, by its program's mark",
                        [](const Account& account) -> Reading {
                          if (account.kills.empty()) return std::nullopt;
                          return static_cast<double>(account.kills.front().victim);
                        },
                        exact()});
  quantities.push_back({"anonymous pages at the first kill",
                        [](const Account& account) -> Reading {
                          if (account.kills.empty()) return std::nullopt;
                          std::map<int, std::int64_t> anon;
                          const SimTime kill = account.kills.front().date;
                          for (const ZoneLook& look : account.looks)
                            if (look.date <= kill) anon[look.zone] = look.anon;
                          double sum = 0;
                          for (const auto& [zone, pages] : anon) sum += static_cast<double>(pages);
                          return sum;
                        },
                        percent(1)});
}

}  // namespace numasim::validation
