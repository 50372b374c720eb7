#include "allocator/migrate.hpp"

#include <utility>

#include "allocator/check.hpp"
#include "allocator/rmap.hpp"

namespace numasim {
namespace {

constexpr int kPasses = 10, kFirstPassThatWaits = 3;

// What the new frame takes over from the old one; its LRU list is another matter.
constexpr PageFlag kHandedOver[] = {PageFlag::referenced, PageFlag::dirty, PageFlag::mapped,
                                    PageFlag::anon};

}  // namespace

/// Nodes nobody moves to any more come first, so that no page moves twice.
std::optional<Migration::Step> Migration::next_step(NodeMask left, NodeMask from, NodeMask to) {
  std::optional<Step> step;
  for (std::uint16_t node = 0; node < kMaxNodes; ++node) {
    if (!left.test(node)) continue;
    const NodeId destination = remapped(NodeId{node}, from, to);
    if (destination == NodeId{node}) continue;
    step = Step{NodeId{node}, destination};
    if (!left.test(destination.value)) break;
  }
  return step;
}

PageCount Migration::between_nodes(Task& by, AddressSpace& mm, NodeMask from, NodeMask to,
                                   Which which) {
  const AddressSpaceWalk walk(mm, machine_);
  PageCount moved{0};
  NodeMask left = from;
  while (const auto step = next_step(left, from, to)) {
    left.reset(step->source.value);
    const Wanted on_source = [&](const Region&, Pfn pfn) {
      return memory_.zone_of(pfn).id().node == step->source;
    };
    const NewPage at_destination = [&](Task& task, PageIndex) -> std::optional<Pfn> {
      const AllocResult page =
          allocator_.alloc_pages(task, GFP_HIGHUSER_MOVABLE, Order{0}, step->destination);
      const Pfn* pfn = std::get_if<Pfn>(&page);
      return pfn ? std::optional{*pfn} : std::nullopt;
    };
    drain_vectors(by);
    std::vector<Pfn> isolated;
    for (auto& [name, region] : mm.regions) isolate(by, region, on_source, which, isolated);
    moved += migrate_pages(by, std::move(isolated), at_destination);
  }
  return moved;
}

PageCount Migration::of_region(Task& by, Region& region, const Wanted& wanted,
                               const NewPage& new_page, Which which) {
  const AddressSpaceWalk walk(*region.mm, machine_);
  drain_vectors(by);
  std::vector<Pfn> isolated;
  isolate(by, region, wanted, which, isolated);
  return migrate_pages(by, std::move(isolated), new_page);
}

/// migrate_prep(): pages that wait in a vector cannot be taken off their list.
void Migration::drain_vectors(Task& by) {
  for (std::uint16_t cpu = 0; cpu < memory_.cpus(); ++cpu) lru_.drain(OnCpu{by, CpuId{cpu}});
}

/// isolate_lru_page() for what is wanted.
void Migration::isolate(Task& by, Region& region, const Wanted& wanted, Which which,
                        std::vector<Pfn>& isolated) {
  region.pages.for_each([&](PageIndex, const Pte& pte) {
    if (!pte.present() || !wanted(region, pte.pfn())) return;
    const Pfn pfn = pte.pfn();
    Frame& frame = memory_.frames()[pfn];
    if (!frame.has(PageFlag::lru)) return;
    if (which == Which::mapped_once && map_count(mappings_, pfn) > 1) return;
    const bool active = frame.has(PageFlag::active);
    lru_.remove(OnCpu{by}, memory_.zone_of(pfn), pfn);
    frame.set(PageFlag::isolated);
    if (active) frame.set(PageFlag::active);
    isolated.push_back(pfn);
  });
}

/// Ten rounds over what is left; from the fourth on it waits for pages that are busy.
PageCount Migration::migrate_pages(Task& by, std::vector<Pfn> pages, const NewPage& new_page) {
  PageCount moved{0};
  bool out_of_memory = false;
  for (int pass = 0; pass < kPasses && !pages.empty() && !out_of_memory; ++pass) {
    const Patience patience = pass >= kFirstPassThatWaits ? Patience::waits : Patience::none;
    std::vector<Pfn> left;
    for (const Pfn pfn : pages) {
      machine_.cond_resched(by);
      const Outcome outcome =
          out_of_memory ? Outcome::again : unmap_and_move(by, pfn, new_page, patience);
      if (outcome == Outcome::moved) moved += PageCount{1};
      else left.push_back(pfn);
      if (outcome == Outcome::no_memory) out_of_memory = true;
    }
    pages = std::move(left);
  }
  for (const Pfn pfn : pages) put_back(OnCpu{by}, pfn);
  machine_.spend(by);
  moved_ += moved;
  return moved;
}

Migration::Outcome Migration::unmap_and_move(Task& by, Pfn old, const NewPage& new_page,
                                             Patience patience) {
  const std::optional<Pfn> fresh = new_page(by, mappings_.page_index(old));
  if (!fresh) return Outcome::no_memory;
  if (is_free_to_move(by, old, patience)) copy(by, old, *fresh);
  const OnCpu on{by};
  const Frame& frame = memory_.frames()[old];
  const bool still_there = frame.owner != 0 && !frame.has(PageFlag::held) &&
                           !frame.has(PageFlag::writeback) && !frame.has(PageFlag::locked);
  if (!still_there || frame.has(PageFlag::swap_cache)) {
    memory_.free_pages(on, *fresh, Order{0});
    return Outcome::again;
  }
  replace(on, old, *fresh);
  return Outcome::moved;
}

/// True if nobody uses the page but page tables. Suspends where it may wait.
bool Migration::is_free_to_move(Task& by, Pfn old, Patience patience) {
  const Frame& frame = memory_.frames()[old];
  const auto is_busy = [&frame] {
    return frame.has(PageFlag::writeback) || frame.has(PageFlag::locked);
  };
  while (patience == Patience::waits && frame.owner != 0 && is_busy() &&
         !frame.has(PageFlag::swap_cache)) {
    lru_.hold(old);
    machine_.wait(by, mappings_.owner(old)->page_wait);
    lru_.let_go(OnCpu{by}, old);
  }
  const bool wanted_by_others = frame.has(PageFlag::held) || frame.has(PageFlag::swap_cache);
  return frame.owner != 0 && !is_busy() && !wanted_by_others;
}

/// copy_highpage(): the page is locked, and both nodes' memory is at work.
void Migration::copy(Task& by, Pfn old, Pfn fresh) {
  memory_.frames()[old].set(PageFlag::locked);
  by.meter.add(memory_.commons().costs.migrate_page);
  for (const Pfn pfn : {old, fresh})
    machine_.touch(by, memory_.zone_of(pfn).id().node, Bytes{kPageBytes}, Traffic::copy);
  memory_.frames()[old].clear(PageFlag::locked);
  if (Mapping* owner = mappings_.owner(old)) machine_.wake_all(owner->page_wait);
}

/// move_to_new_page(), then both pages go to the LRU lists: the new one to the list the old one
/// came from, the old one with nobody left to use it, so that it is freed with its vector.
void Migration::replace(const OnCpu& on, Pfn old, Pfn fresh) {
  Frame& from = memory_.frames()[old];
  Frame& to = memory_.frames()[fresh];
  Mapping& owner = *mappings_.owner(old);
  const PageIndex page = mappings_.page_index(old);
  for_each_entry(owner, page, old, [fresh](const Region&, Pte& pte) {
    const Pte before = pte;
    pte.map(fresh);
    pte.young = false;
    pte.dirty = before.dirty;
    pte.writable = before.writable;
  });

  const bool anonymous = from.has(PageFlag::anon);
  if (from.has(PageFlag::mapped))
    move_count(on, old, fresh, anonymous ? ZoneStat::anon_pages : ZoneStat::file_mapped);
  if (!anonymous) move_count(on, old, fresh, ZoneStat::file_pages);
  if (!anonymous && from.has(PageFlag::dirty)) move_count(on, old, fresh, ZoneStat::file_dirty);
  for (const PageFlag flag : kHandedOver)
    if (from.test_and_clear(flag)) to.set(flag);

  if (anonymous) {
    mappings_.set_owner(fresh, owner, page);
    mappings_.forget_owner(old);
  } else {
    mappings_.detach(old);
    mappings_.attach(owner, page, fresh);
  }
  const bool active = from.test_and_clear(PageFlag::active);
  from.clear(PageFlag::isolated);
  if (active) lru_.add_active(on, fresh);
  else lru_.add_inactive(on, fresh);
  lru_.add_inactive(on, old);
}

void Migration::move_count(const OnCpu& on, Pfn old, Pfn fresh, ZoneStat item) {
  memory_.zone_of(old).count_down(on, item);
  memory_.zone_of(fresh).count_up(on, item);
}

/// putback_lru_pages().
void Migration::put_back(const OnCpu& on, Pfn pfn) {
  Frame& frame = memory_.frames()[pfn];
  const bool active = frame.test_and_clear(PageFlag::active);
  frame.clear(PageFlag::isolated);
  if (active) lru_.add_active(on, pfn);
  else lru_.add_inactive(on, pfn);
}

}  // namespace numasim
