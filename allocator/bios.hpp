#pragma once
// The memory that bios themselves take (fs/bio.c and mm/mempool.c of 2.6.24).

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "allocator/machine.hpp"
#include "allocator/mapping.hpp"
#include "allocator/memory.hpp"
#include "allocator/slab.hpp"

namespace numasim {

/// Objects of one slab cache, two of which are kept back: who may sleep always gets one in the end,
/// since what is out comes back when its I/O is done.
class Mempool {
 public:
  /// No page: one of those made at boot, whose slab lies outside the memory that is modelled.
  using Element = std::optional<Pfn>;

  Mempool(Memory& memory, Machine& machine, SlabCaches& slabs, SlabKind kind,
          std::string_view name)
      : memory_(memory), machine_(machine), slabs_(slabs), kind_(kind), freed_(name) {}

  /// mempool_alloc(): first without sleeping or I/O, then from the reserve; when that is empty too,
  /// sleeps until an element comes back and then tries with all that `gfp` allows. Suspends.
  /// Requires: `gfp` may wait.
  Element alloc(Task& task, Gfp gfp);
  /// mempool_free(): fills the reserve first.
  void free(const OnCpu& on, Element element);

 private:
  static constexpr std::size_t kReserve = 2;  // BIO_POOL_SIZE
  static constexpr int kTimeoutSeconds = 5;

  Memory& memory_;
  Machine& machine_;
  SlabCaches& slabs_;
  SlabKind kind_;
  std::vector<Element> reserve_{kReserve};
  WaitQueue freed_;
};

/// How the kernel asks for a bio: its GFP flags and for how many pages it makes room.
struct BioNeeds {
  Gfp gfp = GFP_NOIO;  // of submit_bh() and swap: a page of its own for each
  PageIndex pages = 1;
};

/// Bios with the memory they take, from their making to their end: a descriptor and a list of
/// pages, whose caches have room for 1, 4, 16, 64, 128 or 256.
/// Differs from Linux: a bio that writes several pages is made when its last page is known, not its
/// first.
class Bios {
 public:
  Bios(Memory& memory, Machine& machine, SlabCaches& slabs);

  /// Makes the bio and hands it to its device. Suspends.
  void submit(Task& task, Bio bio, const BioNeeds& needs);
  /// bio_put().
  void ended(const OnCpu& on, const Bio& bio);

 private:
  static constexpr std::size_t kListSizes = 6;

  Machine& machine_;
  Mempool descriptors_;
  std::array<Mempool, kListSizes> lists_;
};

}  // namespace numasim
