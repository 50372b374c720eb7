#pragma once
// The requests that rows of a recording show, and what to say of a row that differs.

#include "sim/conform/machine/calls.hpp"
#include "sim/conform/machine/rows.hpp"
#include "sim/conform/verdicts.hpp"

namespace numasim::conform {

/// What a row ALLOC, NOPAGE or SLOWIN asks for. An ALLOC of the first pass shows the HARDWALL that
/// the pass adds.
inline Request request_of(const MachineRow& row) {
  if (row.type != kernel2624::RowType::slow_path) return {row.gfp, row.order};
  return {Gfp{static_cast<std::uint32_t>(row.args[0])},
          Order{static_cast<std::uint8_t>(row.args[1])}};
}

inline kernel2624::ZoneCode first_zone_of(const MachineRow& row) {
  if (row.type != kernel2624::RowType::slow_path) return row.first_zone;
  return {static_cast<std::uint16_t>(row.args[2])};
}

inline bool begins_a_call(const MachineRow& row) {
  return row.type == kernel2624::RowType::alloc || row.type == kernel2624::RowType::no_page ||
         row.name == "SLOWIN";
}

inline Difference difference(const MachineRow& row, Json expected, Json actual) {
  return {"event " + std::to_string(row.index) + " (" + row.text() + ")",
          std::move(expected),
          std::move(actual),
          {}};
}

}  // namespace numasim::conform
