#include "sim/conform/machine/rows.hpp"

namespace numasim::conform {

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
}

MachineRows::MachineRows(const std::filesystem::path& folder) : stream_(folder / "stream.tsv.gz") {
  const std::filesystem::path events = folder / "events.tsv.gz";
  if (std::filesystem::exists(events)) events_.emplace(events);
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
