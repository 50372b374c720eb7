#include "sim/hardware/medium.hpp"

#include <algorithm>
#include <utility>

#include "allocator/check.hpp"

namespace numasim {
namespace {

constexpr double kSecondsPerNanosecond = 1e-9;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

constexpr int kFlashQueueDepth = 32;

/// Measured at queue depths 1 and 32; as many servers as make the second of the first.
constexpr FlashConfig kSataSsd{
    .parallel = 7, .read_latency = 152us, .write_latency = 30us, .bytes_per_second = 500'000'000};
constexpr FlashConfig kNvme{
    .parallel = 13, .read_latency = 72us, .write_latency = 24us, .bytes_per_second = 800'000'000};

bool is_flash(const DiskConfig& disk) {
  return disk.medium == MediumKind::sata_ssd || disk.medium == MediumKind::nvme;
}

/// What a request moves, by the node of its pages.
std::vector<Dma> dma_of(const IoRequest& request) {
  const bool reads = request.direction == IoDirection::read;
  std::vector<Dma> parts;
  for (const Bio& bio : request.bios) {
    if (!bio.node) continue;
    const auto same = std::ranges::find(parts, *bio.node, &Dma::node);
    if (same != parts.end()) same->length.value += bio.length.value;
    else parts.push_back({*bio.node, reads ? Flow::to_memory : Flow::from_memory, bio.length});
  }
  return parts;
}

}  // namespace

FlashConfig flash_of(const DiskConfig& disk) {
  const FlashConfig& kind = disk.medium == MediumKind::nvme ? kNvme : kSataSsd;
  const FlashConfig& own = disk.flash;
  return {.parallel = own.parallel ? own.parallel : kind.parallel,
          .read_latency = own.read_latency ? own.read_latency : kind.read_latency,
          .write_latency = own.write_latency ? own.write_latency : kind.write_latency,
          .bytes_per_second = own.bytes_per_second ? own.bytes_per_second : kind.bytes_per_second};
}

int queue_depth_of(const DiskConfig& disk) {
  return disk.queue_depth.value_or(is_flash(disk) ? kFlashQueueDepth : 1);
}

std::int64_t rate_of(const DiskConfig& disk) {
  if (is_flash(disk)) return *flash_of(disk).bytes_per_second;
  return disk.medium == MediumKind::hdd ? disk.hdd.outer_bytes_per_second
                                        : disk.bandwidth_bytes_per_second;
}

std::unique_ptr<Medium> make_medium(const DiskConfig& disk, const MediumPlace& place,
                                    Medium::Done done) {
  switch (disk.medium) {
    case MediumKind::plain:
      return std::make_unique<PlainMedium>(disk, place, std::move(done));
    case MediumKind::hdd:
      return std::make_unique<HddMedium>(disk, place, std::move(done));
    case MediumKind::sata_ssd:
    case MediumKind::nvme:
      return std::make_unique<FlashMedium>(disk, place, std::move(done));
  }
  MM_CHECK(false, "no such medium");
  return nullptr;
}

void PlainMedium::take(const IoRequest& request) {
  held_.push_back(&request);
  if (held_.size() == 1) begin_next();
}

void PlainMedium::begin_next() {
  if (held_.empty()) return;
  const IoRequest& request = *held_.front();
  const double work = work_of(request);
  head_ = request.end;
  place_.platform.start_transfer(place_.device, work, dma_of(request), [this] {
    const IoRequest& served = *held_.front();
    held_.pop_front();
    begin_next();
    done_(served);
  });
}

double PlainMedium::work_of(const IoRequest& request) const {
  const SimDuration seek = request.begin == head_ ? SimDuration{0} : disk_.seek;
  const double positioning =
      static_cast<double>(to_ns(disk_.overhead + seek)) * kSecondsPerNanosecond;
  const double work = positioning * static_cast<double>(disk_.bandwidth_bytes_per_second) +
                      static_cast<double>(request.sectors() * kSectorBytes);
  return work * place_.faults.slowdown(place_.loop.now());
}

HddMedium::HddMedium(const DiskConfig& disk, const MediumPlace& place, Done done)
    : geometry_(disk.hdd),
      place_(place),
      done_(std::move(done)),
      on_track_([this] { begin_transfer(); }),
      passed_([this] { part_ended(); }) {}

void HddMedium::take(const IoRequest& request) {
  held_.push_back(&request);
  if (!served_) begin_next();
}

// A request that goes on where the last one ended needs no arm and no turn of the platter: reads
// find their sectors in the drive's buffer, which has read on, and writes are buffered.
void HddMedium::begin_next() {
  if (held_.empty()) return;
  const SimTime now = place_.loop.now();
  const auto way_to = [&](const IoRequest* request) {
    if (request->begin == head_) return SimDuration{0};
    const SimDuration way = geometry_.seek(head_, request->begin);
    return way + geometry_.rotation(now + way, request->begin);
  };
  const auto nearest = std::ranges::min_element(held_, {}, way_to);
  served_ = *nearest;
  held_.erase(nearest);
  const SimDuration way = way_to(served_);
  const SimDuration transfer = geometry_.transfer(served_->begin, served_->end);
  const auto slowdown = place_.faults.slowdown(now);
  head_ = served_->end;
  passes_at_ = now + (way + transfer) * slowdown;
  place_.loop.set(on_track_, now + way * slowdown);
}

void HddMedium::begin_transfer() {
  parts_left_ = 2;
  place_.loop.set(passed_, passes_at_);
  place_.platform.start_dma(place_.device, dma_of(*served_), [this] { part_ended(); });
}

void HddMedium::part_ended() {
  if (--parts_left_ > 0) return;
  const IoRequest& served = *std::exchange(served_, nullptr);
  begin_next();
  done_(served);
}

FlashMedium::FlashMedium(const DiskConfig& disk, const MediumPlace& place, Done done)
    : bytes_per_second_(*flash_of(disk).bytes_per_second),
      read_latency_(*flash_of(disk).read_latency),
      write_latency_(*flash_of(disk).write_latency),
      place_(place),
      done_(std::move(done)) {
  for (int i = 0; i < *flash_of(disk).parallel; ++i) {
    Server& server = servers_.emplace_back(nullptr);
    server.found.on_ring([this, &server] { found(server); });
  }
}

void FlashMedium::take(const IoRequest& request) {
  held_.push_back(&request);
  begin_next();
}

/// What is left of a request's time when its transfer at full rate is taken away.
SimDuration FlashMedium::latency_of(const IoRequest& request) const {
  const SimDuration latency =
      request.direction == IoDirection::read ? read_latency_ : write_latency_;
  const SimDuration transfer{static_cast<std::int64_t>(kPageBytes) * kNanosecondsPerSecond /
                             bytes_per_second_};
  return std::max(latency - transfer, SimDuration{0});
}

void FlashMedium::begin_next() {
  const auto free = std::ranges::find(servers_, nullptr, &Server::served);
  if (held_.empty() || free == servers_.end()) return;
  free->served = held_.front();
  held_.pop_front();
  const SimTime now = place_.loop.now();
  place_.loop.set(free->found, now + latency_of(*free->served) * place_.faults.slowdown(now));
}

void FlashMedium::found(Server& server) {
  at_interface_.push_back(&server);
  if (at_interface_.size() == 1) transfer_next();
}

void FlashMedium::transfer_next() {
  if (at_interface_.empty()) return;
  const IoRequest& passing = *at_interface_.front()->served;
  const auto bytes = static_cast<double>(passing.sectors() * kSectorBytes);
  place_.platform.start_transfer(place_.device, bytes, dma_of(passing), [this] {
    const IoRequest& served = *std::exchange(at_interface_.front()->served, nullptr);
    at_interface_.pop_front();
    transfer_next();
    begin_next();
    done_(served);
  });
}

}  // namespace numasim
