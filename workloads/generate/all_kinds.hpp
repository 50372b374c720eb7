#pragma once
// Each kind of workload, defined in the file of its name.

#include "workloads/generate/kinds.hpp"

namespace numasim::trace {

extern const WorkloadKind kFill;
extern const WorkloadKind kOrders;
extern const WorkloadKind kChurn;
extern const WorkloadKind kStream;
extern const WorkloadKind kZipf;
extern const WorkloadKind kPhases;
extern const WorkloadKind kNetwork;
extern const WorkloadKind kSlab;
extern const WorkloadKind kDatabase;

}  // namespace numasim::trace
