#include "sim/conform/machine/rows.hpp"

#include <algorithm>

#include "sim/conform/machine/requests.hpp"
#include "workloads/input_error.hpp"

namespace numasim::conform {
namespace {

using kernel2624::RowType;
using kernel2624::ZoneCode;

bool has(const Memory& memory, ZoneCode code) {
  return code.node().value < memory.nodes().size() &&
         memory.node(code.node()).zone(code.type()).populated();
}

bool has(const Memory& memory, Pfn pfn) {
  return std::ranges::any_of(memory.zones(),
                             [pfn](const Zone* zone) { return zone->contains(pfn); });
}

bool is_about_a_page(RowType type) {
  return type == RowType::alloc || type == RowType::free || type == RowType::free_block;
}

bool is_about_a_zone(RowType type) {
  return is_about_a_page(type) || type == RowType::refill || type == RowType::flush ||
         type == RowType::trim;
}

/// What of the row the machine does not have; nothing when it has it all.
const char* foreign(const MachineRow& row, const Memory& memory) {
  const bool of_kswapd = row.name == "KSLEEP" || row.name == "KWOKE";
  if (row.cpu.value >= memory.cpus()) return "a CPU";
  if (is_about_a_zone(row.type) && !has(memory, row.zone)) return "a zone";
  if (begins_a_call(row) && !has(memory, first_zone_of(row))) return "a first zone";
  if (is_about_a_page(row.type) && !has(memory, row.pfn)) return "a page";
  if (row.order.value >= kMaxOrder) return "an order";
  if (of_kswapd && !(static_cast<std::uint64_t>(row.args[0]) < memory.nodes().size()))
    return "a node";
  return nullptr;
}

}  // namespace

std::string MachineRow::text() const {
  std::string text = name;
  for (const std::int64_t arg : args) text += ' ' + std::to_string(arg);
  return text;
}

void MachineRows::Source::advance() {
  head.reset();
  const auto row = stream.next();
  if (!row) return;
  head.emplace(MachineRow{*row, {}});
  for (std::size_t i = 0; i < head->args.size(); ++i) head->args[i] = stream.argument(i);
  if (const char* what = foreign(*head, memory))
    throw InputError(Problem{.file = file.string(),
                             .line = stream.line(),
                             .expected = std::string(what) + " that the machine has",
                             .found = head->text()});
}

MachineRows::MachineRows(const std::filesystem::path& folder, const Memory& memory)
    : stream_(folder / "stream.tsv.gz", memory) {
  const std::filesystem::path events = folder / "events.tsv.gz";
  if (std::filesystem::exists(events)) events_.emplace(events, memory);
}

bool MachineRows::read_one() {
  if (!stream_.head) return false;  // what happened after it is not known
  const bool has_event = events_ && events_->head;
  const bool from_events = has_event && events_->head->index < stream_.head->index;
  Source& source = from_events ? *events_ : stream_;
  ahead_.push_back(std::move(*source.head));
  source.advance();
  // Some rows stand in both files.
  if (!from_events && has_event && events_->head->index == ahead_.back().index) events_->advance();
  return true;
}

std::optional<MachineRow> MachineRows::next() {
  if (ahead_.empty() && !read_one()) return std::nullopt;
  MachineRow row = std::move(ahead_.front());
  ahead_.pop_front();
  return row;
}

const MachineRow* MachineRows::find_ahead(const std::function<bool(const MachineRow&)>& wanted) {
  constexpr std::size_t kFurthest = 20'000;
  for (std::size_t i = 0; i < kFurthest; ++i) {
    if (i == ahead_.size() && !read_one()) return nullptr;
    if (wanted(ahead_[i])) return &ahead_[i];
  }
  return nullptr;
}

}  // namespace numasim::conform
