#pragma once
// A request of a block device's queue, and the orders in which queues and elevators hold requests.

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <cstdint>
#include <list>
#include <vector>

#include "allocator/machine.hpp"
#include "allocator/units.hpp"

namespace numasim {

inline constexpr std::uint64_t kSectorBytes = 512;

/// The sector behind the last of a bio.
inline std::uint64_t end_of(const Bio& bio) {
  return bio.first_sector + bio.length.value / kSectorBytes;
}

/// Somebody waits for it: all reads, and writes that say so (rq_is_sync).
inline bool is_sync(const Bio& bio) { return bio.direction == IoDirection::read || bio.sync; }

/// The task that hands in a bio, as a queue sees it.
struct Submitter {
  TaskId task;
  int nice = 0;
};

struct BySector;
struct ByEnd;
struct InTurn;
struct CfqQueue;

/// A stretch of sectors that goes to the device as one transfer: one bio, or several merged.
struct IoRequest : boost::intrusive::set_base_hook<boost::intrusive::tag<BySector>>,
                   boost::intrusive::set_base_hook<boost::intrusive::tag<ByEnd>>,
                   boost::intrusive::list_base_hook<boost::intrusive::tag<InTurn>> {
  IoRequest(const Bio& bio, TaskId by, Jiffies now)
      : direction(bio.direction),
        sync(is_sync(bio)),
        begin(bio.first_sector),
        end(end_of(bio)),
        task(by),
        queued(now),
        bios{bio} {}

  IoDirection direction;
  bool sync;
  std::uint64_t begin;  // first sector
  std::uint64_t end;    // the sector after the last
  TaskId task;          // who got it
  Jiffies queued;       // when its first bio came; the elder's when two are joined
  std::vector<Bio> bios;
  std::list<IoRequest>::iterator place;  // its own, in the list that holds it
  CfqQueue* cfq_queue = nullptr;         // CFQ's own

  std::uint64_t sectors() const { return end - begin; }
};

struct BeginKey {
  using type = std::uint64_t;
  type operator()(const IoRequest& request) const { return request.begin; }
};
struct EndKey {
  using type = std::uint64_t;
  type operator()(const IoRequest& request) const { return request.end; }
};
template <class Tag, class Key>
using RequestSet = boost::intrusive::multiset<
    IoRequest,
    boost::intrusive::base_hook<boost::intrusive::set_base_hook<boost::intrusive::tag<Tag>>>,
    boost::intrusive::key_of_value<Key>>;

/// By first sector; equal ones in order of arrival.
using SortedRequests = RequestSet<BySector, BeginKey>;
/// By the sector behind the last.
using RequestsByEnd = RequestSet<ByEnd, EndKey>;
/// In order of arrival.
using RequestsInTurn = boost::intrusive::list<
    IoRequest,
    boost::intrusive::base_hook<boost::intrusive::list_base_hook<boost::intrusive::tag<InTurn>>>>;

}  // namespace numasim
