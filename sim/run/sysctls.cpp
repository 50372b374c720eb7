#include "sim/run/sysctls.hpp"

#include <algorithm>
#include <span>
#include <type_traits>

#include "allocator/check.hpp"

namespace numasim {
namespace {

using Values = std::vector<std::int64_t>;

struct Entry {
  std::string_view name;
  std::int64_t min;
  std::int64_t max;
  std::size_t numbers;
  void (*write)(Kernel& kernel, Task& by, const Values& values);
};

/// The range that the schema gives a setting.
template <class Settings, auto member>
constexpr Entry with_range(Entry entry) {
  const auto take_range = [&entry](const auto& field) {
    if constexpr (std::is_same_v<decltype(field.member), std::remove_cv_t<decltype(member)>>) {
      if (field.member != member) return;
      if constexpr (requires { field.min; }) {
        entry.min = field.min;
        entry.max = field.max;
      } else {
        entry.max = 1;
      }
    }
  };
  std::apply([&](const auto&... fields) { (take_range(fields), ...); },
             Schema<Settings>::fields);
  return entry;
}

/// A sysctl that is a setting of the kernel, looked up whenever it is needed.
template <auto member>
constexpr Entry setting(std::string_view name) {
  return with_range<KernelConfig, member>(
      {name, 0, 0, 1, [](Kernel& kernel, Task&, const Values& values) {
         auto& value = kernel.memory().settings().*member;
         value = static_cast<std::remove_reference_t<decltype(value)>>(values.front());
       }});
}

/// A parameter of fault injection, a file below /debug.
template <auto member>
constexpr Entry fault(std::string_view name) {
  return with_range<FailPageAlloc, member>(
      {name, 0, 0, 1, [](Kernel& kernel, Task&, const Values& values) {
         using Value = std::remove_reference_t<decltype(FailPageAlloc{}.*member)>;
         kernel.allocator().fault_injection().write(member, static_cast<Value>(values.front()));
       }});
}

constexpr std::int64_t kMostKbytes = std::int64_t{1} << 32;

void write_lowmem_reserve_ratio(Kernel& kernel, Task&, const Values& values) {
  std::array<int, 3> ratios{};
  const auto to_int = [](std::int64_t value) { return static_cast<int>(value); };
  std::ranges::transform(values, ratios.begin(), to_int);
  kernel.memory().set_lowmem_reserve_ratio(ratios);
}

void write_drop_caches(Kernel& kernel, Task& by, const Values& values) {
  if (values.front() & 1) kernel.drop_page_cache(by);
  if (values.front() & 2) kernel.drop_names(by);
}

constexpr Entry dirty_ratio() {
  Entry entry = setting<&KernelConfig::dirty_ratio_percent>("dirty_ratio");
  entry.write = [](Kernel& kernel, Task&, const Values& values) {
    kernel.memory().settings().dirty_ratio_percent = static_cast<int>(values.front());
    kernel.dirty_ratio_changed();
  };
  return entry;
}

// min_free_kbytes, the ratios of zone_reclaim, ... have a function each, here and at boot.
constexpr Entry kSysctls[] = {
    {"min_free_kbytes", 0, kMostKbytes, 1,
     [](Kernel& kernel, Task&, const Values& v) {
       kernel.memory().set_min_free_kbytes(v.front());
     }},
    {"lowmem_reserve_ratio", 0, 1 << 30, 3, write_lowmem_reserve_ratio},
    {"percpu_pagelist_fraction", 8, 1 << 20, 1,
     [](Kernel& kernel, Task&, const Values& v) {
       kernel.memory().set_percpu_pagelist_fraction(static_cast<int>(v.front()));
     }},
    {"zone_reclaim_mode", 0, 7, 1,
     [](Kernel& kernel, Task&, const Values& v) {
       kernel.memory().set_zone_reclaim_mode(static_cast<int>(v.front()));
     }},
    {"min_unmapped_ratio", 0, 100, 1,
     [](Kernel& kernel, Task&, const Values& v) {
       kernel.memory().set_min_unmapped_ratio(static_cast<int>(v.front()));
     }},
    {"min_slab_ratio", 0, 100, 1,
     [](Kernel& kernel, Task&, const Values& v) {
       kernel.memory().set_min_slab_ratio(static_cast<int>(v.front()));
     }},
    {"drop_caches", 1, 3, 1, write_drop_caches},
    setting<&KernelConfig::swappiness_percent>("swappiness"),
    dirty_ratio(),
    setting<&KernelConfig::dirty_background_ratio_percent>("dirty_background_ratio"),
    setting<&KernelConfig::panic_on_oom>("panic_on_oom"),
    setting<&KernelConfig::oom_kill_allocating_task>("oom_kill_allocating_task"),
    setting<&KernelConfig::page_cluster>("page-cluster"),
    setting<&KernelConfig::dirty_writeback_centisecs>("dirty_writeback_centisecs"),
    setting<&KernelConfig::dirty_expire_centisecs>("dirty_expire_centisecs"),
    setting<&KernelConfig::vfs_cache_pressure>("vfs_cache_pressure"),
    fault<&FailPageAlloc::probability_percent>("fail_page_alloc/probability"),
    fault<&FailPageAlloc::interval>("fail_page_alloc/interval"),
    fault<&FailPageAlloc::times>("fail_page_alloc/times"),
    fault<&FailPageAlloc::space_pages>("fail_page_alloc/space"),
    fault<&FailPageAlloc::task_filter>("fail_page_alloc/task-filter"),
    fault<&FailPageAlloc::min_order>("fail_page_alloc/min-order"),
    fault<&FailPageAlloc::ignore_gfp_highmem>("fail_page_alloc/ignore-gfp-highmem"),
    fault<&FailPageAlloc::ignore_gfp_wait>("fail_page_alloc/ignore-gfp-wait"),
};

const Entry* find(std::string_view name) {
  const auto found = std::ranges::find(kSysctls, name, &Entry::name);
  return found == std::end(kSysctls) ? nullptr : found;
}

}  // namespace

std::vector<std::string_view> sysctl_names() {
  std::vector<std::string_view> names;
  for (const Entry& entry : kSysctls) names.push_back(entry.name);
  return names;
}

std::optional<Problem> problem_of(const trace::Sysctl& sysctl) {
  const Entry* entry = find(sysctl.name);
  if (!entry)
    return Problem{.pointer = "/name",
                   .expected = "the name of a file below /proc/sys/vm, or below "
                               "/debug/fail_page_alloc with that folder's name",
                   .found = '"' + sysctl.name + '"',
                   .hint = did_you_mean(sysctl.name, sysctl_names())};
  if (sysctl.values.size() != entry->numbers)
    return Problem{.pointer = "/value",
                   .expected = entry->numbers == 1
                                   ? "one number"
                                   : "a list of " + std::to_string(entry->numbers) + " numbers",
                   .found = std::to_string(sysctl.values.size())};
  for (const std::int64_t value : sysctl.values) {
    if (entry->min <= value && value <= entry->max) continue;
    return Problem{.pointer = "/value",
                   .expected = "a number from " + std::to_string(entry->min) + " to " +
                               std::to_string(entry->max),
                   .found = std::to_string(value)};
  }
  return std::nullopt;
}

void write_sysctl(Kernel& kernel, Task& by, const trace::Sysctl& sysctl) {
  const Entry* entry = find(sysctl.name);
  MM_CHECK(entry && !problem_of(sysctl), "sysctl", sysctl.name);
  entry->write(kernel, by, sysctl.values);
}

}  // namespace numasim
