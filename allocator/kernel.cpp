#include "allocator/kernel.hpp"

#include <array>

#include "allocator/check.hpp"

namespace numasim {

/// What the allocator calls when its lists are empty.
class Kernel::Reclaim final : public Reclaimer {
 public:
  explicit Reclaim(Kernel& kernel) : kernel_(kernel) {}
  bool try_to_free_pages(Task& task, Zonelist& zonelist, Order order, Gfp gfp) override {
    return kernel_.vmscan_->try_to_free_pages(task, zonelist, order, gfp);
  }
  bool zone_reclaim(Task& task, Zone& zone, Gfp gfp, Order order) override {
    return kernel_.vmscan_->zone_reclaim(task, zone, gfp, order);
  }
  void out_of_memory(Task& task, Zonelist& zonelist, Gfp gfp, Order order) override {
    kernel_.oom_.out_of_memory(task, zonelist, gfp, order);
  }

 private:
  Kernel& kernel_;
};

Kernel::Kernel(const MachineLayout& layout, const KernelConfig& config, const CostModel& costs,
               Machine& machine, std::uint64_t seed)
    : machine_(machine),
      memory_(layout, config, costs),
      congestion_(machine, memory_.steps()),
      lru_(memory_),
      mappings_(memory_.frames()),
      policies_(memory_),
      reclaim_(std::make_unique<Reclaim>(*this)),
      allocator_(memory_, machine, congestion_, *reclaim_, seed),
      dirty_accounting_(memory_),
      dirty_inodes_(machine),
      slabs_(allocator_, policies_),
      bios_(memory_, machine, slabs_),
      page_cache_(allocator_, machine, policies_, lru_, mappings_, dirty_accounting_,
                  dirty_inodes_, slabs_, bios_),
      writeback_(memory_, machine, congestion_, mappings_, page_cache_, dirty_accounting_,
                 dirty_inodes_),
      swap_cache_(memory_, machine, bios_, lru_, mappings_, swap_space_),
      faults_(allocator_, machine, policies_, lru_, mappings_, page_cache_, swap_cache_,
              swap_token_),
      oom_(memory_, machine),
      migration_(allocator_, machine, lru_, mappings_),
      placement_(memory_, machine, policies_, allocator_, migration_, oom_.tasks()),
      holders_(memory_, machine, mappings_, page_cache_, swap_cache_, swap_token_),
      names_(memory_, machine, slabs_),
      shrink_slab_(memory_, machine),
      vmscan_(std::make_unique<Vmscan>(memory_, machine, congestion_, lru_, holders_,
                                       writeback_, shrink_slab_)) {
  interrupt_.name = "interrupt";
  interrupt_.cpu = layout.boot_cpu;
  interrupt_.in_interrupt = true;
  page_cache_.set_writeback(writeback_);
  names_.register_with(shrink_slab_);
}

Kernel::~Kernel() = default;

void Kernel::swapon(const SwapAreaLayout& area) {
  swap_space_.swapon(area);
  vmscan_->set_total_swap_pages(swap_space_.total());
}

void Kernel::enter(Task& task, const Task* sharer) {
  if (task.kernel_thread) return;
  if (sharer) {
    MM_CHECK(sharer->mm != nullptr, "task", sharer->name);
    task.mm = sharer->mm;
  } else {
    auto& space = address_spaces_[task.id];
    MM_CHECK(!space, "task", task.name);
    space = std::make_unique<AddressSpace>();
    task.mm = space.get();
  }
  oom_.add(task);
}

/// The mm is dropped before its memory is freed: from then on the task blocks no further kill.
void Kernel::exit(Task& task) {
  task.exiting = true;
  if (AddressSpace* mm = std::exchange(task.mm, nullptr)) {
    if (!oom_.shares_memory(task, *mm)) {
      wait_for_walkers(task, *mm);
      faults_.exit(task, *mm);
      std::erase_if(address_spaces_, [mm](const auto& space) { return space.second.get() == mm; });
    }
    oom_.remove(task);
  }
  policies_.forget(task);
  machine_.spend(task);
}

AllocResult Kernel::alloc_pages(Task& task, Gfp gfp, Order order, std::optional<NodeId> node) {
  AllocResult result = Failed{Why::order_too_large};
  if (node) {
    result = allocator_.alloc_pages(task, gfp, order, *node);
  } else if (order.value < kMaxOrder) {
    Zonelist& zonelist = policies_.for_task(task, gfp);
    result = allocator_.alloc_pages(task, gfp, order, zonelist);
    const bool by_policy = !task.in_interrupt && !gfp.has(__GFP_THISNODE);
    if (const Pfn* page = std::get_if<Pfn>(&result); page && by_policy)
      policies_.count_interleave(task, nullptr, zonelist, *page);
  }
  machine_.spend(task);
  return result;
}

void Kernel::free_pages(Task& task, Pfn pfn, Order order, bool cold) {
  memory_.free_pages(OnCpu{task}, pfn, order, cold);
  machine_.spend(task);
}

void Kernel::map(Task& task, const std::string& region, PageCount length,
                 const std::string& file, bool shared, std::optional<MemPolicy> policy) {
  Mapping* mapping = file.empty() ? nullptr : &mappings_.file(file);
  faults_.map(*task.mm, region, length, mapping, shared, std::move(policy));
}

Done Kernel::touch(Task& task, const std::string& region, PageIndex first, PageCount count,
                   bool write) {
  Region* found = task.mm->find(region);
  MM_CHECK(found != nullptr, "region", region);
  return faults_.touch(task, *found, first, count, write);
}

void Kernel::unmap(Task& task, const std::string& region) {
  wait_for_walkers(task, *task.mm);
  faults_.unmap(task, *task.mm, region);
}

/// down_write(&mm->mmap_sem).
void Kernel::wait_for_walkers(Task& task, AddressSpace& mm) {
  while (mm.walkers > 0) machine_.wait(task, mm.walked);
}

bool Kernel::mbind(Task& task, const std::string& region, MemPolicy::Mode mode,
                   std::vector<NodeId> nodes, Placement::Moves moves) {
  Region* found = task.mm->find(region);
  MM_CHECK(found != nullptr, "region", region);
  const bool done = placement_.mbind(task, *found, mode, std::move(nodes), moves);
  machine_.spend(task);
  return done;
}

Done Kernel::look_up(Task& task, const std::string& directory, std::uint64_t first,
                     std::uint64_t count) {
  return names_.look_up(task, directory, first, count);
}

Done Kernel::read(Task& task, const std::string& file, PageIndex first, PageCount count) {
  return page_cache_.read(task, mappings_.file(file), first, count);
}

/// The task may write to its file's device while that is congested (current->backing_dev_info).
Done Kernel::write(Task& task, const std::string& file, PageIndex first, PageCount count) {
  Mapping& mapping = mappings_.file(file);
  task.writing_to = mapping.device;
  const Done done = page_cache_.write(task, mapping, first, count);
  task.writing_to.reset();
  return done;
}

/// invalidate_mapping_pages() of every file.
void Kernel::drop_page_cache(Task& task) {
  for (std::size_t i = 0; i < mappings_.files().size(); ++i) {
    Mapping& file = *mappings_.files()[i];
    for (PageIndex page = 0; page < file.extent(); ++page) {
      const std::optional<Pfn> pfn = file.find(page);
      if (!pfn) continue;
      const Frame& frame = memory_.frames()[*pfn];
      const bool in_use = frame.has(PageFlag::mapped) || frame.has(PageFlag::held) ||
                          frame.has(PageFlag::isolated) || frame.has(PageFlag::in_pagevec);
      const OnCpu on{task};
      if (!in_use && holders_.remove_mapping(on, *pfn)) lru_.release(on, std::array{*pfn});
    }
    machine_.spend(task);
  }
}

/// drop_slab().
void Kernel::drop_names(Task& task) {
  while (shrink_slab_.shrink_slab(task, {1000}, GFP_KERNEL, {1000}) > 10) {
  }
}

void Kernel::kswapd(Task& task, NodeId node) { vmscan_->kswapd(task, memory_.node(node)); }

void Kernel::pdflush(Task& task, unsigned index) { writeback_.pdflush().run(task, index); }

void Kernel::pdflush_timer(Task& task) { writeback_.pdflush().run_timer(task); }

double Kernel::share_of_completions(DeviceId device) const {
  const FloatingShares::Share share = dirty_accounting_.completions_of(device);
  return static_cast<double>(share.numerator) / static_cast<double>(share.denominator);
}

std::vector<const SpinLock*> Kernel::locks() const {
  std::vector<const SpinLock*> locks;
  for (const Zone* zone : memory_.zones()) {
    locks.push_back(&zone->lock);
    locks.push_back(&zone->lru_lock);
  }
  locks.push_back(&swap_space_.lock);
  return locks;
}

void Kernel::sync(Task& task) { writeback_.sync(task); }

void Kernel::refresh_vm_stats(Task& task) {
  memory_.refresh_counters(OnCpu{task});
  machine_.spend(task);
}

void Kernel::drain(Task& task, bool all_cpus) {
  if (all_cpus) memory_.drain_all(task);
  else memory_.drain(OnCpu{task});
  machine_.spend(task);
}

void Kernel::io_completed(const Bio& bio) {
  const OnCpu on{interrupt_};
  const Mapping& owner = mappings_.by_id(BioCookie::unpack(bio.cookie).mapping);
  if (owner.kind == Mapping::Kind::swap) swap_cache_.io_completed(on, bio);
  else page_cache_.io_completed(on, bio);
  bios_.ended(on, bio);
  interrupt_.meter.take();  // interrupt work is not charged to anybody
}

/// Of a file (end_buffer_async_write, 2.6.24): it remembers the error (AS_EIO), the page is as
/// clean as if it had been written, and nobody writes it again. A page for swap stays.
void Kernel::io_failed(const Bio& bio) {
  MM_CHECK(bio.direction == IoDirection::write, "sector", bio.first_sector);
  Mapping& mapping = mappings_.by_id(BioCookie::unpack(bio.cookie).mapping);
  if (mapping.kind == Mapping::Kind::swap) {
    swap_cache_.write_failed(OnCpu{interrupt_}, bio);
    bios_.ended(OnCpu{interrupt_}, bio);
    interrupt_.meter.take();
    return;
  }
  mapping.write_error = true;
  io_completed(bio);
}

void Kernel::congestion_cleared(DeviceId, IoDirection direction) {
  congestion_.cleared(direction);
}

}  // namespace numasim
