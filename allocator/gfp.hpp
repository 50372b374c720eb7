#pragma once
// GFP flags of 2.6.24: what a request for pages allows and asks for.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "allocator/units.hpp"

namespace numasim {

/// A gfp_t: a set of the bits below.
struct Gfp {
  std::uint32_t value = 0;
  constexpr bool operator==(const Gfp&) const = default;
  constexpr bool has(Gfp all_of) const { return (value & all_of.value) == all_of.value; }
  constexpr bool has_any(Gfp of) const { return (value & of.value) != 0; }
};
constexpr Gfp operator|(Gfp a, Gfp b) { return {a.value | b.value}; }
constexpr Gfp operator&(Gfp a, Gfp b) { return {a.value & b.value}; }
constexpr Gfp without(Gfp mask, Gfp removed) { return {mask.value & ~removed.value}; }

inline constexpr Gfp __GFP_DMA{0x1}, __GFP_HIGHMEM{0x2}, __GFP_DMA32{0x4}, __GFP_WAIT{0x10},
    __GFP_HIGH{0x20}, __GFP_IO{0x40}, __GFP_FS{0x80}, __GFP_COLD{0x100}, __GFP_NOWARN{0x200},
    __GFP_REPEAT{0x400}, __GFP_NOFAIL{0x800}, __GFP_NORETRY{0x1000}, __GFP_COMP{0x4000},
    __GFP_ZERO{0x8000}, __GFP_NOMEMALLOC{0x10000}, __GFP_HARDWALL{0x20000},
    __GFP_THISNODE{0x40000}, __GFP_RECLAIMABLE{0x80000}, __GFP_MOVABLE{0x100000};

inline constexpr Gfp GFP_NOWAIT{0}, GFP_ATOMIC = __GFP_HIGH, GFP_NOIO = __GFP_WAIT,
    GFP_NOFS = __GFP_WAIT | __GFP_IO, GFP_KERNEL = GFP_NOFS | __GFP_FS,
    GFP_TEMPORARY = GFP_KERNEL | __GFP_RECLAIMABLE, GFP_USER = GFP_KERNEL | __GFP_HARDWALL,
    GFP_HIGHUSER = GFP_USER | __GFP_HIGHMEM,
    GFP_HIGHUSER_MOVABLE = GFP_HIGHUSER | __GFP_MOVABLE,
    GFP_NOFS_PAGECACHE = GFP_NOFS | __GFP_MOVABLE, GFP_USER_PAGECACHE = GFP_USER | __GFP_MOVABLE,
    GFP_HIGHUSER_PAGECACHE = GFP_HIGHUSER_MOVABLE,
    GFP_THISNODE = __GFP_THISNODE | __GFP_NOWARN | __GFP_NORETRY, GFP_DMA = __GFP_DMA,
    GFP_DMA32 = __GFP_DMA32;

/// A flag or group with the name the kernel gives it.
struct NamedGfp {
  std::string_view name;
  Gfp mask;
};

/// The 19 single flags, lowest bit first.
extern const std::array<NamedGfp, 19> kGfpFlags;

/// The named groups (GFP_KERNEL, ...), as semantics of 2.6.24 define them.
extern const std::array<NamedGfp, 15> kGfpGroups;

/// Parses "GFP_KERNEL|__GFP_COMP", "0x200d2" or a decimal number; blanks around '|' are allowed.
/// Returns nothing for an unknown name, an unused bit or an empty text.
std::optional<Gfp> parse_gfp(std::string_view text);

/// "GFP_KERNEL|__GFP_COMP": the largest group contained, then the remaining flags; "0" when empty.
std::string to_string(Gfp mask);

/// Page mobility lists of 2.6.24 (MIGRATE_*).
enum class MigrateType : std::uint8_t { unmovable, reclaimable, movable, reserve, isolate };
inline constexpr unsigned kMigrateTypes = 5;
constexpr unsigned index(MigrateType type) { return static_cast<unsigned>(type); }

/// Zone type whose zonelist a request uses (gfp_zone, 2.6.24), without the THISNODE offset.
constexpr ZoneType gfp_zone(Gfp gfp) {
  if (gfp.has(__GFP_DMA)) return ZoneType::dma;
  if (gfp.has(__GFP_DMA32)) return ZoneType::dma32;
  if (gfp.has(__GFP_HIGHMEM | __GFP_MOVABLE)) return ZoneType::movable;
  return ZoneType::normal;
}

}  // namespace numasim
