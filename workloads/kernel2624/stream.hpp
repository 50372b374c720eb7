#pragma once
// Rows of a recorded stream: every page-allocator operation of the machine, in order.

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "allocator/gfp.hpp"
#include "allocator/units.hpp"
#include "workloads/tsv_rows.hpp"

namespace numasim::kernel2624 {

/// A zone as the recordings number it: node * 4 + zone type.
struct ZoneCode {
  std::uint16_t value = 0;
  constexpr auto operator<=>(const ZoneCode&) const = default;
  static constexpr ZoneCode of(NodeId node, ZoneType type) {
    return {static_cast<std::uint16_t>(node.value * kZoneTypes + static_cast<unsigned>(type))};
  }
  constexpr NodeId node() const { return NodeId{static_cast<std::uint16_t>(value / kZoneTypes)}; }
  constexpr ZoneType type() const { return static_cast<ZoneType>(value % kZoneTypes); }
};

enum class RowType : std::uint8_t {
  alloc,       // pages were given out
  no_page,     // a request failed
  free,        // a page went to a per-CPU list
  free_block,  // FREEOK: a block went to the buddy lists
  refill,      // RMQBULK: buddy lists to a per-CPU list; stands before the alloc that caused it
  flush,       // FREEBULK: per-CPU list to the buddy lists
  trim,        // DRAINZ: the refresh trims a remote list
  fallback,
  slow_path,
  hook_begin,  // OPBEG: the recording's own request starts
  hook_end,    // OP
  other
};

struct Row {
  std::uint64_t index = 0;  // place in the global order of events
  SimTime time{};           // since the recording began
  CpuId cpu{};
  bool in_interrupt = false;
  std::uint32_t pid = 0;
  RowType type = RowType::other;
  std::string name{};  // of the type, as recorded

  // What applies to the type; see the recordings' description.
  Pfn pfn{};
  Order order{};
  ZoneCode zone{};
  ZoneCode first_zone{};  // of the zonelist a request used
  Gfp gfp{};
  bool cold = false;
  std::int64_t pages = 0;                    // got by a refill, given by a flush
  std::optional<std::int64_t> free_after{};  // the zone's folded free counter
  bool with_memalloc = false;                // hook_begin
};

/// Reads stream.tsv.gz one row at a time.
class Stream {
 public:
  explicit Stream(const std::filesystem::path& file) : rows_(file) {}
  /// The next row; nothing at the end. Throws InputError.
  std::optional<Row> next();
  /// Argument i (a0, a1, ...) of the row last read. Throws InputError.
  std::int64_t argument(std::size_t i) const;
  /// Line of the row last read.
  std::uint64_t line() const { return rows_.line(); }

 private:
  TsvRows rows_;
};

}  // namespace numasim::kernel2624
