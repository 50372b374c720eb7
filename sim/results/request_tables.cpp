#include "sim/results/request_tables.hpp"

#include <cstdint>
#include <initializer_list>

namespace numasim::results {
namespace {

void add_row(std::string& text, std::initializer_list<std::int64_t> numbers) {
  for (const std::int64_t& number : numbers) {
    if (&number != numbers.begin()) text += ',';
    text += std::to_string(number);
  }
  text += '\n';
}

}  // namespace

std::string request_waits_csv(const EventTotals& totals) {
  std::string text = "order,up_to_ns,requests\n";
  for (unsigned order = 0; order < kMaxOrder; ++order)
    totals.request_wait_by_order_ns[order].for_each(
        [&](std::int64_t up_to_ns, std::int64_t requests) {
          add_row(text, {order, up_to_ns, requests});
        });
  return text;
}

std::string placement_csv(const EventTotals& totals) {
  std::string text = "cpu_node,memory_node,requests,pages\n";
  for (std::size_t cpu_node = 0; cpu_node < totals.placement.size(); ++cpu_node)
    for (std::size_t memory_node = 0; memory_node < totals.placement.size(); ++memory_node) {
      const PlacementTotals& placement = totals.placement[cpu_node][memory_node];
      if (placement.requests > 0)
        add_row(text, {static_cast<std::int64_t>(cpu_node), static_cast<std::int64_t>(memory_node),
                       placement.requests, placement.pages.value});
    }
  return text;
}

}  // namespace numasim::results
