#include "sim/conform/snapshot.hpp"

#include <cstdio>

namespace numasim::conform {
namespace {

constexpr std::uint64_t kNextList = ~std::uint64_t{0};  // hashed before each list

/// 64-bit FNV-1a over the bytes of 64-bit values, least significant first.
class Fnv {
 public:
  void add(std::uint64_t value) {
    for (int byte = 0; byte < 8; ++byte, value >>= 8)
      hash_ = (hash_ ^ (value & 0xff)) * 1099511628211u;
  }
  std::string text() const {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash_));
    return digits;
  }

 private:
  std::uint64_t hash_ = 14695981039346656037u;
};

template <class Visit>
void for_each_list(Shape shape, Visit visit) {
  for (std::uint8_t order = 0; order < kMaxOrder; ++order)
    for (unsigned type = 0; type < shape.migrate_types; ++type)
      visit(Order{order}, static_cast<MigrateType>(type));
}

template <class Visit>
void for_each_pageblock(const Memory& memory, const Zone& zone, Visit visit) {
  const Pageblocks& blocks = memory.commons().pageblocks;
  for (Pfn pfn = zone.start(); pfn < zone.end(); pfn = pfn + blocks.pages())
    visit(blocks.stored_type(pfn));
}

}  // namespace

Json free_blocks(const Zone& zone, Shape shape) {
  Json counts = Json::array();
  for_each_list(shape, [&](Order order, MigrateType type) {
    if (index(type) == 0) counts.push_back(Json::array());
    counts.back().push_back(zone.buddy.blocks(order, type));
  });
  return counts;
}

std::string free_lists_hash(const Zone& zone, Shape shape) {
  Fnv hash;
  for_each_list(shape, [&](Order order, MigrateType type) {
    hash.add(kNextList);
    zone.buddy.for_each(order, type, [&](Pfn block) { hash.add(block.value); });
  });
  return hash.text();
}

Json pageblock_counts(const Memory& memory, const Zone& zone) {
  std::array<std::int64_t, 4> counts{};
  for_each_pageblock(memory, zone, [&](MigrateType type) { ++counts.at(index(type)); });
  return counts;
}

std::string pageblock_hash(const Memory& memory, const Zone& zone) {
  Fnv hash;
  for_each_pageblock(memory, zone, [&](MigrateType type) { hash.add(index(type)); });
  return hash.text();
}

Json pageset_counts(const Zone& zone) {
  Json counts = Json::array();
  for (const Pageset& pageset : zone.pagesets) {
    const int pending = pageset.deltas.values[index(ZoneStat::free_pages)];
    counts.push_back({pageset.hot.pages.size(), pageset.cold.pages.size(), pending});
  }
  return counts;
}

std::string pageset_lists_hash(const Memory& memory, const Zone& zone, Shape shape) {
  const FrameTable& frames = memory.commons().frames;
  Fnv hash;
  for (const Pageset& pageset : zone.pagesets)
    for (const PerCpuList* list : {&pageset.hot, &pageset.cold}) {
      hash.add(kNextList);
      for (FrameIndex at = list->pages.first(); at != kNoFrame; at = frames.at(at).next) {
        hash.add(at);
        if (shape.has_pageblocks()) hash.add(index(frames.at(at).type()));
      }
    }
  return hash.text();
}

}  // namespace numasim::conform
