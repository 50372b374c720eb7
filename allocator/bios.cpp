#include "allocator/bios.hpp"

#include <algorithm>

namespace numasim {
namespace {

constexpr std::array<PageIndex, 6> kListLengths{1, 4, 16, 64, 128, 256};

std::size_t list_for(PageIndex pages) {
  const auto fits = std::ranges::lower_bound(kListLengths, pages);
  return std::min<std::size_t>(static_cast<std::size_t>(fits - kListLengths.begin()),
                               kListLengths.size() - 1);
}

}  // namespace

Mempool::Element Mempool::alloc(Task& task, Gfp gfp) {
  const Gfp wanted = gfp | __GFP_NOMEMALLOC | __GFP_NORETRY | __GFP_NOWARN;
  Gfp tried = without(wanted, __GFP_WAIT | __GFP_IO);
  for (;;) {
    if (const auto object = slabs_.alloc(task, kind_, tried)) return object->slab;
    if (!reserve_.empty()) {
      const Element kept = reserve_.back();
      reserve_.pop_back();
      return kept;
    }
    tried = wanted;
    machine_.wait(task, freed_, Jiffies{std::int64_t{kTimeoutSeconds} * memory_.config().hz});
  }
}

void Mempool::free(const OnCpu& on, Element element) {
  if (reserve_.size() < kReserve) {
    reserve_.push_back(element);
    return machine_.wake_all(freed_);
  }
  if (element) slabs_.free(on, kind_, SlabObject{*element});
}

Bios::Bios(Memory& memory, Machine& machine, SlabCaches& slabs)
    : machine_(machine),
      descriptors_(memory, machine, slabs, SlabKind::bio, "bio mempool"),
      lists_{Mempool{memory, machine, slabs, SlabKind::biovec_1, "biovec-1 mempool"},
             Mempool{memory, machine, slabs, SlabKind::biovec_4, "biovec-4 mempool"},
             Mempool{memory, machine, slabs, SlabKind::biovec_16, "biovec-16 mempool"},
             Mempool{memory, machine, slabs, SlabKind::biovec_64, "biovec-64 mempool"},
             Mempool{memory, machine, slabs, SlabKind::biovec_128, "biovec-128 mempool"},
             Mempool{memory, machine, slabs, SlabKind::biovec_256, "biovec-256 mempool"}} {}

void Bios::submit(Task& task, Bio bio, const BioNeeds& needs) {
  const std::size_t list = list_for(needs.pages);
  const Mempool::Element descriptor = descriptors_.alloc(task, needs.gfp);
  const Mempool::Element pages = lists_[list].alloc(task, needs.gfp);
  bio.memory = BioMemory{descriptor, pages, static_cast<std::uint8_t>(list)};
  machine_.submit(task, bio);
}

void Bios::ended(const OnCpu& on, const Bio& bio) {
  if (!bio.memory) return;
  lists_[bio.memory->list].free(on, bio.memory->pages);
  descriptors_.free(on, bio.memory->descriptor);
}

}  // namespace numasim
