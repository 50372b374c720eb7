#pragma once
// Small cases of writeback in which the eras part, for era_switches_test.

#include <string>

#include "allocator/config.hpp"

namespace numasim {

/// The limits stand at 400 and 800 pages; the writer looks at them every 256 pages, last at 768.
/// Nothing was ever written to its device, so its share of the limits is nothing.
std::string writer_of_790_pages(Era era);

/// The dirty ratio in force where 40 % are asked for.
std::string dirty_ratio_where_six_tenths_are_mapped(Era era);

}  // namespace numasim
