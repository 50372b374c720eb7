// Family "watermark": single calls of zone_watermark_ok.

#include <algorithm>

#include "allocator/watermark.hpp"
#include "sim/conform/families.hpp"

namespace numasim::conform {
namespace {

Json verdict_of_core(const Json& record) {
  const Order order{record.at("order").get<std::uint8_t>()};
  const PageCount mark{record.at("mark").get<std::int64_t>()};
  const std::int64_t counter = record.at("free_counter").get<std::int64_t>();
  const PageCount free{std::max<std::int64_t>(counter, 0)};  // zone_page_state() reads it so
  const PageCount reserve{record.at("lowmem_reserve")
                              .at(record.at("classzone").get<std::size_t>())
                              .get<std::int64_t>()};
  const AllocFlags flags = record.at("alloc_flags").get<AllocFlags>();
  const Json& blocks = record.at("nr_free");
  const bool ok = zone_watermark_ok(order, mark, free, reserve, flags, [&](Order k) {
    return blocks.at(k.value).get<std::int64_t>();
  });
  return ok ? 1 : 0;
}

}  // namespace

void replay_watermark(Recording& recording, const Json& header, Verdicts& verdicts) {
  for_each_case(recording, header, verdicts, [](const Json& record) {
    return first_difference(record.at("ok"), verdict_of_core(record), "/ok");
  });
}

}  // namespace numasim::conform
