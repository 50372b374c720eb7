#pragma once
// GFP flags as later kernels print them, in terms of 2.6.24.

#include <string>
#include <string_view>
#include <vector>

#include "allocator/gfp.hpp"

namespace numasim::ftrace {

struct TranslatedGfp {
  Gfp mask{};
  bool memalloc = false;                 // __GFP_MEMALLOC, in 2.6.24 a property of the task
  std::vector<std::string> dropped{};    // known, but without a counterpart
  std::vector<std::string> not_known{};  // names or numbers
};

/// "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO"; also the names of 2.6.32 to 4.5, which have no
/// underscores ("GFP_ZERO"), and "none".
TranslatedGfp translate_gfp(std::string_view names);

}  // namespace numasim::ftrace
