#pragma once
// What is to happen, in the order of (date, sequence).

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "allocator/check.hpp"
#include "allocator/units.hpp"

namespace numasim::engine {

class Happening;

/// A tournament: each entry has a leaf, each inner node names the earlier of its two children, and
/// so the root names the first of all. When a leaf changes, the matches on its way up are played
/// again. Who plays there follows from the leaf's number, so that no match waits for the one before
/// to find its opponent in memory, as it would in a heap: this is the hottest loop of a simulation.
class Agenda {
 public:
  /// A leaf's number.
  using Place = std::uint32_t;

  bool empty() const { return nodes_[1] == kNever; }
  /// Of the first to come; the end of time if nothing is.
  SimTime date() const { return SimTime{SimDuration{static_cast<std::int64_t>(nodes_[1] >> 64)}}; }
  /// Requires: not empty.
  Happening& first() const { return *happenings_[static_cast<Place>(nodes_[1]) % kPlaces]; }

  /// Behind all that is already there for the same date.
  Place add(Happening& what, SimTime date) {
    if (free_.empty()) grow();
    const Place place = free_.back();
    free_.pop_back();
    happenings_[place] = &what;
    move(place, date);
    return place;
  }
  /// The same for what is there already.
  void move(Place place, SimTime date) {
    ++last_sequence_;
    MM_CHECK(last_sequence_ < kSequences);
    const auto ns = static_cast<std::uint64_t>(to_ns(date));
    put(place, Key{ns} << 64 | last_sequence_ * kPlaces | place);
  }
  void remove(Place place) {
    put(place, kNever);
    free_.push_back(place);
  }

 private:
  /// Date, sequence and place in one number: what is smaller comes first. Of two numbers the
  /// processor takes the smaller without a branch, which it could not predict.
  __extension__ typedef unsigned __int128 Key;
  static constexpr std::uint64_t kPlaces = std::uint64_t{1} << 20;
  static constexpr std::uint64_t kSequences = std::uint64_t{1} << 44;
  static constexpr Key kNever = ~Key{0} >> 1;

  static Key earlier(Key a, Key b) { return b < a ? b : a; }

  void put(Place place, Key key) {
    std::size_t node = nodes_.size() / 2 + place;
    nodes_[node] = key;
    while (node > 1) {
      key = earlier(key, nodes_[node ^ 1]);
      node /= 2;
      if (nodes_[node] == key) return;
      nodes_[node] = key;
    }
  }

  /// Twice as many leaves; each keeps its number.
  void grow() {
    const std::size_t before = happenings_.size();
    const std::size_t leaves = 2 * before;
    MM_CHECK(leaves <= kPlaces);
    std::vector<Key> nodes(2 * leaves, kNever);
    for (std::size_t leaf = 0; leaf < before; ++leaf)
      nodes[leaves + leaf] = nodes_[before + leaf];
    for (std::size_t node = leaves - 1; node > 0; --node)
      nodes[node] = earlier(nodes[2 * node], nodes[2 * node + 1]);
    nodes_ = std::move(nodes);
    happenings_.resize(leaves);
    for (std::size_t leaf = leaves; leaf > before; --leaf)
      free_.push_back(static_cast<Place>(leaf - 1));
  }

  std::vector<Key> nodes_{kNever, kNever};  // the root is 1, the leaves are the second half
  std::vector<Happening*> happenings_{nullptr};  // by place
  std::vector<Place> free_{0};
  std::uint64_t last_sequence_ = 0;
};

}  // namespace numasim::engine
