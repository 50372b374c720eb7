#pragma once
// The holders of pages of a running kernel: files, address spaces and the swap cache.

#include "allocator/rmap.hpp"

namespace numasim {

/// What vmscan asks of page cache, page tables and swap.
class Holders final : public PageHolders {
 public:
  Holders(Memory& memory, Machine& machine, Mappings& mappings, PageCache& page_cache,
          SwapCache& swap_cache, SwapToken& swap_token)
      : memory_(memory), machine_(machine), mappings_(mappings), page_cache_(page_cache),
        swap_cache_(swap_cache), swap_token_(swap_token),
        rmap_(memory, mappings, page_cache, swap_cache, swap_token) {}

  int page_referenced(const Task& by, Pfn pfn) override { return rmap_.page_referenced(by, pfn); }
  bool mapping_in_use(Pfn pfn) const override { return rmap_.mapping_in_use(pfn); }
  Unmap try_to_unmap(const OnCpu& on, Pfn pfn) override { return rmap_.try_to_unmap(on, pfn); }
  bool add_to_swap(const OnCpu& on, Pfn pfn) override { return swap_cache_.add_to_swap(on, pfn); }
  Pageout pageout(Task& task, Pfn pfn) override;
  void wait_on_writeback(Task& task, Pfn pfn) override;
  bool remove_mapping(const OnCpu& on, Pfn pfn) override;
  void disable_swap_token() override { swap_token_.disable(); }

 private:
  bool may_write_to_queue(const Task& task, DeviceId device) const;

  Memory& memory_;
  Machine& machine_;
  Mappings& mappings_;
  PageCache& page_cache_;
  SwapCache& swap_cache_;
  SwapToken& swap_token_;
  ReverseMap rmap_;
};

}  // namespace numasim
