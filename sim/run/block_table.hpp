#pragma once
// Which pages the ids of a trace stand for. Ids are bound in the order of the file, whatever the
// order in which the tasks come to run, so an id may be used again before its free has happened.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "workloads/trace.hpp"

namespace numasim {

/// The blocks of one alloc record, as far as they have been asked for.
struct Allocation {
  /// What became of block i; nothing while its request has not been answered.
  struct Answer {
    std::optional<Pfn> pfn;  // absent: the request failed
  };
  std::optional<Answer> answer(std::uint64_t i) const {
    if (i < answers.size()) return answers[i];
    return abandoned ? std::optional<Answer>{Answer{}} : std::nullopt;
  }

  Order order;
  std::vector<Answer> answers;
  bool abandoned = false;  // its task died: what is not answered never will be
};

/// Some neighbouring blocks of one alloc record.
struct BlockSlice {
  std::shared_ptr<Allocation> allocation;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

class BlockTable {
 public:
  /// Binds the ids of `alloc` to a new allocation. Requires: none of them is bound.
  std::shared_ptr<Allocation> bind(const trace::Alloc& alloc);
  /// Unbinds the ids of `free`, and says what they stood for. Requires: all are bound.
  std::vector<BlockSlice> release(const trace::Free& free);

 private:
  std::map<std::uint64_t, BlockSlice> by_first_id_;
};

}  // namespace numasim
