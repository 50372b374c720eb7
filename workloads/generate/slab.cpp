#include "workloads/generate/all_kinds.hpp"
#include "workloads/generate/choices.hpp"

namespace numasim::trace {
namespace {

constexpr Parameter kParameters[] = {
    {"caches", 4, 1, 1000, "slab caches; even ones can be reclaimed (dentries), odd ones cannot"},
    {"cpus", 1, 1, 1024, "a cache grows on one of CPUs 0 to cpus-1, in turn"},
    {"rounds", 3, 1, 1'000'000, "times that the caches grow, and shrink a little"},
    {"slabs", 2000, 1, 1 << 24, "slabs that each cache grows by in a round"},
    {"most_order", 1, 0, 5, "caches have slabs of order 0 to this, in turn"},
    {"shrink_percent", 60, 0, 100, "share of a cache's slabs freed after a round, at random"},
    {"gap_ns", 20'000, 0, 3'600'000'000'000, "mean time from one slab to the next"},
};

class Slabs {
 public:
  Slabs(const Values& values, std::uint64_t seed, Script& script)
      : values_(values),
        random_(stream(seed, "slab")),
        script_(script),
        caches_(values["caches"]) {}

  void run() {
    for (std::uint64_t i = 0; i < caches_.size(); ++i) {
      script_.kernel_thread("cache", i, values_["cpus"]);
    }
    for (std::uint64_t round = 0; round < values_["rounds"]; ++round) {
      for (std::uint64_t i = 0; i < values_["slabs"] * caches_.size(); ++i) {
        grow(random_.below(caches_.size()));
      }
      for (std::uint64_t i = 0; i < caches_.size(); ++i) shrink(i);
    }
  }

 private:
  void grow(std::uint64_t cache) {
    const auto order = static_cast<std::uint8_t>(cache / 2 % (values_["most_order"] + 1));
    Gfp gfp = cache % 2 == 0 ? GFP_KERNEL | __GFP_RECLAIMABLE : GFP_KERNEL;
    if (order > 0) gfp = gfp | __GFP_COMP;
    put(cache, Alloc{.id = next_id_, .order = Order{order}, .gfp = gfp});
    caches_[cache].push_back(next_id_++);
  }

  void shrink(std::uint64_t cache) {
    const std::uint64_t freed = caches_[cache].size() * values_["shrink_percent"] / 100;
    for (std::uint64_t i = 0; i < freed; ++i) {
      put(cache, Free{.id = take_any(random_, caches_[cache])});
    }
  }

  void put(std::uint64_t cache, Operation operation) {
    script_.put_at(t_ns_, static_cast<std::uint32_t>(cache), std::move(operation));
    t_ns_ += around(random_, values_.whole("gap_ns"));
  }

  const Values& values_;
  Random random_;
  Script& script_;
  std::vector<std::vector<std::uint64_t>> caches_;  // ids of their slabs
  std::int64_t t_ns_ = 0;
  std::uint64_t next_id_ = 0;
};

void generate_slab(const Values& values, std::uint64_t seed, Script& script) {
  Slabs(values, seed, script).run();
}

}  // namespace

const WorkloadKind kSlab{
    .name = "slab",
    .summary = "caches of kernel objects grow, and give a part of it back",
    .models =
        "Slab caches take pages that cannot be moved, and that nobody reclaims; after each "
        "round a part\nof the slabs, anywhere, is free again. Page blocks of other mobility "
        "types get mixed up.",
    .parameters = kParameters,
    .generate = generate_slab};

}  // namespace numasim::trace
