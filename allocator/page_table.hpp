#pragma once
// Page tables: what a region's pages are mapped to, one entry a page that was ever touched.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "allocator/frame.hpp"

namespace numasim {

/// Index of a page inside its file or region.
using PageIndex = std::uint32_t;

/// A slot of a swap area (swp_entry_t): area and offset in one word.
struct SwapEntry {
  std::uint32_t value = 0;

  static constexpr unsigned kOffsetBits = 27;
  static constexpr SwapEntry of(unsigned area, std::uint32_t offset) {
    return {area << kOffsetBits | offset};
  }
  constexpr unsigned area() const { return value >> kOffsetBits; }
  constexpr std::uint32_t offset() const { return value & ((1U << kOffsetBits) - 1); }
  constexpr auto operator<=>(const SwapEntry&) const = default;
};

/// A page table entry: maps nothing, a frame, or says in which swap slot the page is.
class Pte {
 public:
  bool none() const { return kind_ == Kind::none; }
  bool present() const { return kind_ == Kind::present; }
  bool swapped() const { return kind_ == Kind::swapped; }
  bool maps(Pfn pfn) const { return present() && value_ == to_index(pfn); }
  /// Requires: present.
  Pfn pfn() const { return to_pfn(value_); }
  /// Requires: swapped.
  SwapEntry swap_entry() const { return {value_}; }

  /// Maps a frame; the entry is young, as the protection bits of 2.6.24 make it.
  void map(Pfn pfn) { *this = Pte{to_index(pfn), Kind::present, true}; }
  void swap_out(SwapEntry entry) { *this = Pte{entry.value, Kind::swapped, false}; }
  void clear() { *this = Pte{}; }

  bool young = false;     // set by the CPU at each access, cleared by reclaim
  bool dirty = false;     // set by the CPU at each write
  bool writable = false;  // a write to an entry that is not faults

  Pte() = default;

 private:
  enum class Kind : std::uint8_t { none, present, swapped };
  Pte(std::uint32_t value, Kind kind, bool accessed)
      : young(accessed), kind_(kind), value_(value) {}

  Kind kind_ = Kind::none;
  std::uint32_t value_ = 0;  // frame or swap entry
};
static_assert(sizeof(Pte) == 8);

/// The lowest level of page tables, for one region; a leaf of 512 entries comes with a first touch.
class PageTable {
 public:
  static constexpr PageIndex kEntries = 512;

  /// The entry of a page; null where none was ever needed. Pointers stay good.
  Pte* find(PageIndex page) {
    const std::size_t leaf = page / kEntries;
    if (leaf >= leaves_.size() || !leaves_[leaf]) return nullptr;
    return &(*leaves_[leaf])[page % kEntries];
  }
  Pte& at(PageIndex page) {
    const std::size_t leaf = page / kEntries;
    if (leaf >= leaves_.size()) leaves_.resize(leaf + 1);
    if (!leaves_[leaf]) leaves_[leaf] = std::make_unique<Leaf>();
    return (*leaves_[leaf])[page % kEntries];
  }
  /// The first page of [from, end) that may have an entry, or `end`.
  PageIndex next_leaf(PageIndex from, PageIndex end) const {
    while (from < end) {
      const std::size_t leaf = from / kEntries;
      if (leaf >= leaves_.size()) return end;
      if (leaves_[leaf]) return from;
      from = static_cast<PageIndex>(leaf + 1) * kEntries;
    }
    return end;
  }
  /// Calls visit(page, entry) for every entry that is not none, ascending.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t leaf = 0; leaf < leaves_.size(); ++leaf) {
      if (!leaves_[leaf]) continue;
      for (PageIndex i = 0; i < kEntries; ++i)
        if (const Pte& pte = (*leaves_[leaf])[i]; !pte.none())
          visit(static_cast<PageIndex>(leaf) * kEntries + i, pte);
    }
  }

 private:
  using Leaf = std::array<Pte, kEntries>;
  std::vector<std::unique_ptr<Leaf>> leaves_;
};

}  // namespace numasim
