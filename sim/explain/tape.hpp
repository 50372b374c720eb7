#pragma once
// What the core did for one request for pages, step by step.

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "allocator/observer.hpp"
#include "allocator/watermark.hpp"

namespace numasim::explain {

inline constexpr std::size_t kKeptReasons = 11;
constexpr std::size_t index(event::Kept why) { return static_cast<std::size_t>(why); }

/// A zone as the watermark test found it.
struct ZoneFacts {
  Watermarks marks;
  PageCount lowmem_reserve;   // against this request
  FreeBlocks blocks{};        // on the buddy lists, by order
  PageCount pageset_pages{};  // on the asker's CPU
};

/// A device's queue when the step was taken.
struct QueueFacts {
  std::string device;
  IoDirection direction = IoDirection::write;
  int requests = 0;  // allocated, of this direction
  int in_flight = 0;
};

/// What became of the pages that shrink_page_list looked at.
struct PageFates {
  std::array<std::int64_t, kKeptReasons> kept{};
  std::int64_t write_started = 0;
};

/// A zone that was refused because of its bit in the zonelist cache, and how the bit came there.
struct CacheBit {
  std::string set_by;  // a task
  SimTime set_at;
};

/// An OOM candidate with the points the killer gave it.
struct Candidate {
  std::string task;
  std::uint64_t points = 0;
};

struct Step {
  SimTime date;     // work on the asker's meter included
  bool own = true;  // false: somebody else's step, of which the request feels the effect
  std::string by;   // who took it
  Event event;
  std::string text;  // what the event only points at
  std::optional<ZoneFacts> zone{};
  std::optional<QueueFacts> queue{};
  std::optional<PageFates> fates{};
  std::optional<CacheBit> cache_bit{};
  std::vector<Candidate> candidates{};
  std::string message{};  // what the kernel prints at it
};

enum class Outcome : std::uint8_t { served, failed, unfinished };
std::string_view to_string(Outcome outcome);

/// One request from its first pass to its answer.
struct Tape {
  std::uint64_t number = 0;          // of all requests of the run, from 1; 0: failed by injection
  std::uint64_t number_of_task = 0;  // of those its task made, from 1
  std::optional<std::uint64_t> alloc_call;  // the block of the task's alloc records it is for
  std::optional<std::uint64_t> inside;      // the request in whose direct reclaim it was made
  std::string task;
  CpuId cpu;
  NodeId node;  // of the CPU
  std::string cpuset;
  NodeMask mems_allowed;
  int hz = 250;  // ticks a second
  bool realtime = false, in_interrupt = false, memalloc = false;
  Gfp gfp;
  Order order;
  unsigned classzone = 0;
  std::vector<ZoneId> zonelist;
  SimTime begin, end;               // work on the meter included
  SimTime begin_of_wait, wait_end;  // without it, as the results count
  Outcome outcome = Outcome::unfinished;
  std::string why;  // of a failure
  bool warned = false;
  std::optional<Pfn> pfn;
  std::optional<ZoneId> zone;
  std::deque<Step> steps;
  std::uint64_t left_out = 0;  // steps in the middle of a very long story

  SimDuration took() const { return end - begin; }
  SimDuration waited() const { return wait_end - begin_of_wait; }
};

/// A request as one line of a list.
struct RequestLine {
  std::uint64_t number = 0;
  std::string task;
  SimTime begin;
  SimDuration took{0};
  Gfp gfp;
  Order order;
  Outcome outcome = Outcome::served;
  std::string why;
};

}  // namespace numasim::explain
