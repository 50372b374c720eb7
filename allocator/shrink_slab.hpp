#pragma once
// Shrinking the caches of small objects in step with the lists of pages (mm/vmscan.c of 2.6.24:
// shrink_slab and the shrinkers that register with it).

#include <cstdint>
#include <vector>

#include "allocator/memory.hpp"
#include "allocator/page_holders.hpp"

namespace numasim {

/// One cache that can do with less (struct shrinker). Its objects are found again or made anew at
/// the same cost: seeks is 2 for all of them.
class Shrinker {
 public:
  virtual ~Shrinker() = default;
  /// How many objects it would own up to (a call with nr_to_scan 0).
  virtual std::int64_t freeable() const = 0;
  /// Looks at so many objects and frees those nobody used lately.
  virtual void scan(const OnCpu& on, int objects) = 0;
};

/// The shrinkers of a machine. They belong to no node and no zone: whoever reclaims shrinks all.
class ShrinkSlab final : public SlabShrinkers {
 public:
  ShrinkSlab(Memory& memory, Machine& machine) : memory_(memory), machine_(machine) {}

  /// set_shrinker(): the shrinkers are called in the order they came.
  void add(Shrinker& shrinker) { registered_.push_back({&shrinker, 0}); }

  std::int64_t shrink_slab(Task& task, PageCount scanned, Gfp gfp, PageCount lru_pages) override;

 private:
  struct Registered {
    Shrinker* shrinker;
    std::int64_t due;  // objects to look at, carried over to the next call (shrinker->nr)
  };

  std::int64_t shrink(Task& task, Registered& registered, Gfp gfp);

  Memory& memory_;
  Machine& machine_;
  std::vector<Registered> registered_;
};

}  // namespace numasim
