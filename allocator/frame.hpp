#pragma once
// Page frames: 16 bytes for each frame that was ever touched, none for the others.

#include <cstdint>
#include <optional>
#include <span>

#include "allocator/gfp.hpp"
#include "allocator/lazy_array.hpp"
#include "allocator/units.hpp"

namespace numasim {

/// Index of a frame in the frame table.
using FrameIndex = std::uint32_t;  // a pfn that fits: 16 TiB of physical addresses
inline constexpr FrameIndex kNoFrame = 0xffffffff;

/// A Pfn or none, in one word. The allocator's fast path hands it up through several functions;
/// std::optional<Pfn> has two words, which g++ 12 stores in parts and loads as a whole each time,
/// and every such load waits for the stores.
class MaybePfn {
 public:
  constexpr MaybePfn(std::nullopt_t) {}
  constexpr MaybePfn(Pfn pfn) : value_(pfn.value) {}

  constexpr bool has_value() const { return value_ != kNone; }
  constexpr explicit operator bool() const { return has_value(); }
  constexpr Pfn operator*() const { return {value_}; }
  constexpr bool operator==(const MaybePfn&) const = default;

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  std::uint64_t value_ = kNone;
};

/// What a frame is right now. `tail` also covers frames never touched.
enum class FrameState : std::uint8_t {
  tail,        // inside a block, or never touched
  free_block,  // head of a free block on a buddy list
  on_pageset,  // on a per-CPU list
  in_use,      // head of an allocated block
};

/// Attributes of a page in use (the PG_ flags the model needs).
enum class PageFlag : std::uint32_t {
  lru = 1 << 0,
  active = 1 << 1,
  referenced = 1 << 2,
  dirty = 1 << 3,
  writeback = 1 << 4,
  locked = 1 << 5,
  reclaim = 1 << 6,     // rotate to the inactive tail when its write ends
  mapped = 1 << 7,      // in some page table; how often its page tables were used they know
  anon = 1 << 8,        // anonymous memory
  swap_cache = 1 << 9,
  in_pagevec = 1 << 10, // waits in a per-CPU vector for its LRU list
  pinned = 1 << 11,     // waits in a per-CPU vector to be rotated
  compound = 1 << 12,   // head of a compound page (__GFP_COMP)
  isolated = 1 << 13,   // reclaim has taken it off its list and still holds it
  orphaned = 1 << 14,   // its last user went away meanwhile: who holds it last frees it
  held = 1 << 15,       // somebody sleeps until something becomes of it (Lru::hold)
};

/// struct page, reduced to what decides. Zero is a valid, untouched frame.
class Frame {
 public:
  FrameIndex next = 0;
  FrameIndex prev = 0;

  FrameState state() const { return static_cast<FrameState>(word_ & kStateMask); }
  Order order() const { return {static_cast<std::uint8_t>(word_ >> kOrderShift)}; }
  MigrateType type() const { return static_cast<MigrateType>(word_ >> kTypeShift & kTypeMask); }
  bool is_free_block(Order order) const {
    return (word_ & kBlockMask) == block_word(FrameState::free_block, order);
  }

  /// Becomes the head of a block: free ones carry the type of their list, pages on a per-CPU list
  /// their tag. An allocated page starts without flags and owner.
  void become(FrameState state, Order order, MigrateType type) {
    word_ = block_word(state, order) | index(type) << kTypeShift;
    owner = 0;
  }
  void become_tail() { become(FrameState::tail, Order{0}, MigrateType::unmovable); }

  bool has(PageFlag flag) const { return word_ & bit(flag); }
  void set(PageFlag flag) { word_ |= bit(flag); }
  void clear(PageFlag flag) { word_ &= ~bit(flag); }
  /// Clears the flag and says whether it was set.
  bool test_and_clear(PageFlag flag) {
    const bool was = has(flag);
    clear(flag);
    return was;
  }

  /// Somebody beside its owners and a reclaimer counts on the page: it may not be taken away.
  bool has_extra_references() const {
    return word_ & (bit(PageFlag::in_pagevec) | bit(PageFlag::pinned) | bit(PageFlag::held));
  }

  /// Who holds the page: an index of the layer above, 0 for nobody.
  std::uint32_t owner = 0;

 private:
  // Flags, order, type and state in one word: a change of state is one store, a look at a buddy
  // one comparison.
  static constexpr std::uint32_t kStateMask = 3, kTypeMask = 7, kBlockMask = 0xff03;
  static constexpr unsigned kTypeShift = 2, kOrderShift = 8, kFlagShift = 16;
  static constexpr std::uint32_t bit(PageFlag flag) {
    return static_cast<std::uint32_t>(flag) << kFlagShift;
  }
  static constexpr std::uint32_t block_word(FrameState state, Order order) {
    return static_cast<std::uint32_t>(state) | std::uint32_t{order.value} << kOrderShift;
  }

  std::uint32_t word_ = 0;
};
static_assert(sizeof(Frame) == 16);

/// Descriptor of an aligned run of 2^10 frames, used while the run is one free block: it keeps
/// the frames of an untouched machine untouched.
struct TopBlock {
  FrameIndex next = 0;
  FrameIndex prev = 0;
  bool free = false;
  std::uint8_t type = 0;

  void become_free(MigrateType of) {
    free = true;
    type = static_cast<std::uint8_t>(of);
  }
};

inline constexpr Order kTopOrder{kMaxOrder - 1};

/// The top blocks as a table of their own, indexed by pfn >> 10.
class TopBlocks {
 public:
  explicit TopBlocks(Pfn end) : blocks_((end.value >> kTopOrder.value) + 1) {}
  TopBlock& at(FrameIndex index) { return blocks_[index]; }
  const TopBlock& at(FrameIndex index) const { return blocks_[index]; }

 private:
  LazyArray<TopBlock> blocks_;
};

/// All frames of a machine by pfn, and its top blocks. The memory is reserved at once and taken
/// by the operating system when first written.
class FrameTable {
 public:
  /// Reserves descriptors for pfns [0, end).
  explicit FrameTable(Pfn end) : end_(end), frames_(end.value), tops_(end) {
    MM_CHECK(end.value > 0 && end.value < kNoFrame, "end", end.value);
  }

  Pfn end() const { return end_; }
  Frame& operator[](Pfn pfn) { return frames_[pfn.value]; }
  const Frame& operator[](Pfn pfn) const { return frames_[pfn.value]; }
  /// The first pfn of [from, end) whose frame may be other than zero, or `end`.
  Pfn next_touched(Pfn from, Pfn end) const {
    return Pfn{frames_.next_touched(from.value, end.value)};
  }
  Frame& at(FrameIndex index) { return frames_[index]; }
  const Frame& at(FrameIndex index) const { return frames_[index]; }
  /// Starts to fetch a frame into the cache. Any index will do, of a frame or not.
  [[gnu::always_inline]] void fetch(FrameIndex index) const {
    __builtin_prefetch(&frames_[index], 1);
  }
  TopBlocks& tops() { return tops_; }
  const TopBlock& top(Pfn pfn) const { return tops_.at(top_index(pfn)); }
  static constexpr FrameIndex top_index(Pfn pfn) {
    return static_cast<FrameIndex>(pfn.value >> kTopOrder.value);
  }

  /// True when a free block of exactly this order begins at `pfn`.
  bool is_free_block(Pfn pfn, Order order) const {
    if (order == kTopOrder) return top(pfn).free;
    return frames_[pfn.value].is_free_block(order);
  }
  /// Order of the free block that begins at `pfn`, if one does.
  std::optional<Order> free_block_at(Pfn pfn) const;

 private:
  Pfn end_;
  LazyArray<Frame> frames_;
  TopBlocks tops_;
};

/// A doubly linked list through the `next` and `prev` of a table's entries (list_head): of frames
/// in a FrameTable, or of top blocks in its TopBlocks.
class LinkedList {
 public:
  bool empty() const { return first_ == kNoFrame; }
  std::int64_t size() const { return size_; }
  FrameIndex first() const { return first_; }
  FrameIndex last() const { return last_; }

  template <class Table>
  void push_front(Table& table, FrameIndex index) {
    insert_between(table, kNoFrame, index, first_);
  }
  template <class Table>
  void push_back(Table& table, FrameIndex index) {
    insert_between(table, last_, index, kNoFrame);
  }
  /// Inserts behind `after`, or at the front when `after` is kNoFrame.
  template <class Table>
  void insert_after(Table& table, FrameIndex after, FrameIndex index) {
    insert_between(table, after, index, after == kNoFrame ? first_ : table.at(after).next);
  }
  template <class Table>
  void remove(Table& table, FrameIndex index) {
    const auto& gone = table.at(index);
    (gone.prev == kNoFrame ? first_ : table.at(gone.prev).next) = gone.next;
    (gone.next == kNoFrame ? last_ : table.at(gone.next).prev) = gone.prev;
    --size_;
  }

 private:
  template <class Table>
  void insert_between(Table& table, FrameIndex before, FrameIndex index, FrameIndex after) {
    table.at(index).prev = before;
    table.at(index).next = after;
    (before == kNoFrame ? first_ : table.at(before).next) = index;
    (after == kNoFrame ? last_ : table.at(after).prev) = index;
    ++size_;
  }

  FrameIndex first_ = kNoFrame;
  FrameIndex last_ = kNoFrame;
  std::int64_t size_ = 0;
};

constexpr FrameIndex to_index(Pfn pfn) { return static_cast<FrameIndex>(pfn.value); }
constexpr Pfn to_pfn(FrameIndex index) { return Pfn{index}; }

}  // namespace numasim
