#pragma once
// The families of recordings, each with its replayer. A replayer reads what follows the header,
// does the same with the core, and judges each case. It throws InputError or Json::exception
// where a record is not of the family's format.

#include <functional>
#include <optional>

#include "sim/conform/recording.hpp"
#include "sim/conform/verdicts.hpp"

namespace numasim::conform {

/// Judges each record after the header as a case by what `replay` finds. A case is named by its
/// "case", or else by its number in the file, from 0. Throws InputError if there are fewer cases
/// than the header promises.
void for_each_case(Recording& recording, const Json& header, Verdicts& verdicts,
                   const std::function<std::optional<Difference>(const Json&)>& replay);
/// The name of a record that is a case.
std::string case_name(const Json& record, std::int64_t number);

/// Machine layouts and what the kernel makes of them at boot.
void replay_setup(Recording& recording, const Json& header, Verdicts& verdicts);
/// Single calls of zone_watermark_ok.
void replay_watermark(Recording& recording, const Json& header, Verdicts& verdicts);
/// Single calls of cpuset_zone_allowed_softwall and _hardwall.
void replay_cpuset(Recording& recording, const Json& header, Verdicts& verdicts);
/// Streams of allocations and frees, with every pfn.
void replay_rmqueue(Recording& recording, const Json& header, Verdicts& verdicts);
/// Single calls of __alloc_pages with reclaim and the OOM killer scripted.
void replay_slowpath(Recording& recording, const Json& header, Verdicts& verdicts);
/// Single calls of try_to_free_pages and balance_pgdat on scripted pages.
void replay_vmscan(Recording& recording, const Json& header, Verdicts& verdicts);
/// Thresholds of a request queue, and runs of requests taken and given back.
void replay_congestion(Recording& recording, const Json& header, Verdicts& verdicts);

}  // namespace numasim::conform
