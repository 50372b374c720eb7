#pragma once
// Each kind of workload, defined in the file of its name.

#include "workloads/generate/kinds.hpp"

namespace numasim::trace {

extern const WorkloadKind kFill;
extern const WorkloadKind kOrders;
extern const WorkloadKind kZipf;

}  // namespace numasim::trace
