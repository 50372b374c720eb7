#include "sim/conform/machine/effects.hpp"

#include <initializer_list>

namespace numasim::conform {
namespace {

using kernel2624::RowType;

constexpr std::int64_t code_of(ZoneId zone) {
  return kernel2624::ZoneCode::of(zone.node, zone.type).value;
}

std::string words(const char* name, std::initializer_list<std::int64_t> numbers) {
  std::string text = name;
  for (const std::int64_t number : numbers) text += ' ' + std::to_string(number);
  return text;
}

}  // namespace

std::string Effects::text_of(const MachineRow& row) {
  const auto& a = row.args;
  switch (row.type) {
    case RowType::refill:
      return words("RMQBULK", {a[0], a[1], a[2], a[3], a[4]});
    case RowType::flush:
      return words("FREEBULK", {a[0], a[1], a[2], a[3]});
    case RowType::fallback:
      return words("FALLBACK", {a[0], a[1], a[2], a[3], a[4], a[5] & 0xff});
    default:
      return words(row.name.c_str(), {a[0], a[1], a[2]});  // WAKE
  }
}

const std::deque<Effects::Effect>& Effects::waiting(CpuId cpu) const {
  static const std::deque<Effect> none;
  const auto found = by_cpu_.find(cpu);
  return found == by_cpu_.end() ? none : found->second;
}

void Effects::take_back(CpuId cpu, const Zone& zone, std::int64_t more) {
  for (Effect& effect : by_cpu_[cpu])
    if (effect.zone == &zone) effect.free_pages -= more;
}

void Effects::on(const Task& by, const Event& event) {
  if (const auto* pass = std::get_if<event::PassBegin>(&event)) {
    ++passes_;
    if (pass->alloc_flags != (ALLOC_WMARK_LOW | ALLOC_CPUSET)) before_later_pass_(*pass);
  } else if (const auto* refill = std::get_if<event::Refill>(&event)) {
    put(by.cpu, words("RMQBULK", {code_of(refill->zone), 0, refill->asked.value, refill->got.value,
                                  index(refill->type)}));
    const Zone& zone = memory_.node(refill->zone.node).zone(refill->zone.type);
    by_cpu_[by.cpu].back().zone = &zone;
    by_cpu_[by.cpu].back().free_pages = zone.free_pages().value;
  } else if (const auto* flush = std::get_if<event::BulkFree>(&event)) {
    put(flush->cpu,
        words("FREEBULK", {code_of(flush->zone), 0, flush->count.value, flush->cold ? 1 : 0}));
  } else if (const auto* fallback = std::get_if<event::Fallback>(&event)) {
    put(by.cpu,
        words("FALLBACK", {code_of(fallback->zone), fallback->order.value, index(fallback->wanted),
                           static_cast<std::int64_t>(fallback->block.value), fallback->found.value,
                           index(fallback->from)}));
  } else if (const auto* wake = std::get_if<event::KswapdWake>(&event)) {
    if (wake->was_asleep)
      put(by.cpu, words("WAKE", {wake->zone.node.value, wake->order.value, code_of(wake->zone)}));
  }
}

}  // namespace numasim::conform
