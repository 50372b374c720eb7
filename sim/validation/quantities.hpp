#pragma once
// The quantities of the families, made of a few kinds of targets.

#include <string>
#include <utility>
#include <vector>

#include "sim/validation/quantity.hpp"

namespace numasim::validation {

// Targets, by kind.

inline Target exact() { return {.kind = Target::Kind::exact}; }
inline Target percent(double width) { return {.kind = Target::Kind::relative, .width = width}; }
inline Target percent_of(double width, double whole) {
  return {.kind = Target::Kind::relative, .width = width, .of = whole};
}
inline Target within(double width) { return {.kind = Target::Kind::absolute, .width = width}; }
inline Target factor(double width, std::string band) {
  return {.kind = Target::Kind::factor, .width = width, .band = std::move(band)};
}
inline Target banded(double width, std::string band) {
  return {.kind = Target::Kind::relative, .width = width, .band = std::move(band)};
}

/// Change of a counter of /proc/vmstat.
Quantity counter_quantity(const char* name, Target target);

// Where pages went. `width` is in percent of all that were asked for.

void add_served(double width, const Account& recorded, std::vector<Quantity>& quantities);
void add_numa_counters(const Account& recorded, double width, std::vector<Quantity>& quantities);
void add_touched(const Account& recorded, double width, std::vector<Quantity>& quantities);
/// Page cache of each zone when a file was written (marks 1001, 1011, ...).
void add_file_pages(const Account& recorded, double width, std::vector<Quantity>& quantities);
void add_hook(double width, std::vector<Quantity>& quantities);

// What became of requests that had to wait, to try again, or to kill.

void add_nofail(const Account& recorded, std::vector<Quantity>& quantities);
void add_atomic(std::vector<Quantity>& quantities);
void add_slow_operations(const Account& recorded, std::vector<Quantity>& quantities);
void add_faults(std::vector<Quantity>& quantities);
void add_oom(std::vector<Quantity>& quantities);

// Reclaim, writeback and swap.

void add_memory_pressure(std::vector<Quantity>& quantities);
void add_clean(std::vector<Quantity>& quantities);
void add_dirty(std::vector<Quantity>& quantities);
void add_shares(const Parameters& parameters, std::vector<Quantity>& quantities);
void add_swap(std::vector<Quantity>& quantities);
void add_free_pages(const Account& recorded, std::vector<Quantity>& quantities);

}  // namespace numasim::validation
