#include "workloads/kernel2624/stream.hpp"

#include <string_view>
#include <utility>

namespace numasim::kernel2624 {
namespace {

constexpr std::size_t kIndex = 0, kTime = 1, kCpu = 2, kInterrupt = 3, kPid = 4, kType = 5,
                      kArgs = 6;

constexpr std::array<std::pair<std::string_view, RowType>, 12> kTypes{
    {{"ALLOC", RowType::alloc},
     {"FREE", RowType::free},
     {"RMQBULK", RowType::refill},
     {"FREEBULK", RowType::flush},
     {"FREEOK", RowType::free_block},
     {"NOPAGE", RowType::no_page},
     {"DRAINZ", RowType::trim},
     {"FALLBACK", RowType::fallback},
     {"SLOWIN", RowType::slow_path},
     {"SLOWOUT", RowType::slow_path},
     {"OPBEG", RowType::hook_begin},
     {"OP", RowType::hook_end}}};

RowType type_of(std::string_view name) {
  for (const auto& [known, type] : kTypes) {
    if (known == name) return type;
  }
  return RowType::other;
}

/// The arguments of one row, by position.
class Args {
 public:
  explicit Args(const TsvRows& rows) : rows_(rows) {}
  std::int64_t operator[](std::size_t i) const { return rows_.number(kArgs + i); }
  ZoneCode zone(std::size_t i) const { return {static_cast<std::uint16_t>((*this)[i])}; }
  Order order(std::size_t i) const { return {static_cast<std::uint8_t>((*this)[i])}; }
  Pfn pfn(std::size_t i) const { return {static_cast<std::uint64_t>((*this)[i])}; }
  Gfp gfp(std::size_t i) const { return {static_cast<std::uint32_t>((*this)[i])}; }

 private:
  const TsvRows& rows_;
};

void read_args(Row& row, const Args& args) {
  constexpr std::int64_t kHookAllocWithMemalloc = 'A';
  switch (row.type) {
    case RowType::alloc:
      row.pfn = args.pfn(0);
      row.order = args.order(1);
      row.zone = args.zone(4);
      row.gfp = args.gfp(5);
      row.first_zone = args.zone(6);
      row.free_after = args[7];
      break;
    case RowType::no_page:
      row.gfp = args.gfp(0);
      row.order = args.order(1);
      row.first_zone = args.zone(2);
      break;
    case RowType::free:
      row.pfn = args.pfn(0);
      row.zone = args.zone(2);
      row.cold = args[4] != 0;
      break;
    case RowType::free_block:
      row.pfn = args.pfn(0);
      row.order = args.order(1);
      row.zone = args.zone(2);
      break;
    case RowType::refill:
      row.zone = args.zone(0);
      row.order = args.order(1);
      row.pages = args[3];
      row.free_after = args[5];
      break;
    case RowType::flush:
      row.zone = args.zone(0);
      row.order = args.order(1);
      row.pages = args[2];
      break;
    case RowType::trim:
      row.zone = args.zone(0);
      break;
    case RowType::hook_begin:
      row.with_memalloc = args[0] == kHookAllocWithMemalloc;
      break;
    default:
      break;
  }
}

}  // namespace

std::int64_t Stream::argument(std::size_t i) const { return rows_.number(kArgs + i); }

std::optional<Row> Stream::next() {
  if (!rows_.next()) return std::nullopt;
  Row row;
  row.index = static_cast<std::uint64_t>(rows_.number(kIndex));
  row.time = SimTime(SimDuration(rows_.number(kTime)));
  row.cpu.value = static_cast<std::uint16_t>(rows_.number(kCpu));
  row.in_interrupt = rows_.number(kInterrupt) != 0;
  row.pid = static_cast<std::uint32_t>(rows_.number(kPid));
  row.name = rows_.text(kType);
  row.type = type_of(row.name);
  read_args(row, Args(rows_));
  return row;
}

}  // namespace numasim::kernel2624
