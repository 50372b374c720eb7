#include "sim/hardware/raid0.hpp"

#include <algorithm>

#include "allocator/check.hpp"
#include "sim/hardware/io_request.hpp"

namespace numasim {

std::vector<std::string_view> device_names(const MachineConfig& machine) {
  std::vector<std::string_view> names;
  for (const DiskConfig& disk : machine.disks) names.push_back(disk.name);
  for (const Raid0Config& array : machine.raid0) names.push_back(array.name);
  return names;
}

std::optional<DeviceId> device_named(const MachineConfig& machine, std::string_view name) {
  const std::vector<std::string_view> names = device_names(machine);
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return DeviceId{static_cast<std::uint16_t>(found - names.begin())};
}

Raid0Arrays::Raid0Arrays(const MachineConfig& machine)
    : disks_(static_cast<std::uint16_t>(machine.disks.size())) {
  for (const Raid0Config& config : machine.raid0) {
    Array& array = arrays_.emplace_back();
    array.chunk_sectors = config.chunk.value / kSectorBytes;
    for (const std::string& name : config.disks) {
      const std::optional<DeviceId> disk = device_named(machine, name);
      MM_CHECK(disk && !has(*disk), "array", config.name, "on", name);
      array.disks.push_back(*disk);
    }
  }
}

std::vector<DeviceId> Raid0Arrays::disks_of(DeviceId device) const {
  if (!has(device)) return {device};
  return arrays_[device.value - disks_].disks;
}

std::vector<Raid0Arrays::Piece> Raid0Arrays::split(const Bio& bio) {
  const Array& array = arrays_[bio.device.value - disks_];
  const std::uint64_t disks = array.disks.size();
  std::vector<Piece> pieces;
  for (std::uint64_t sector = bio.first_sector; sector < end_of(bio);) {
    const std::uint64_t chunk = sector / array.chunk_sectors;
    const std::uint64_t end = std::min(end_of(bio), (chunk + 1) * array.chunk_sectors);
    Bio piece = bio;
    piece.first_sector = chunk / disks * array.chunk_sectors + sector % array.chunk_sectors;
    piece.length = Bytes{(end - sector) * kSectorBytes};
    pieces.push_back({array.disks[chunk % disks], piece});
    sector = end;
  }
  const std::uint64_t cookie = begin_split(bio, pieces.size());
  for (Piece& piece : pieces) piece.bio.cookie = cookie;
  return pieces;
}

std::uint64_t Raid0Arrays::begin_split(const Bio& bio, std::size_t pieces) {
  if (free_splits_.empty()) {
    free_splits_.push_back(splits_.size());
    splits_.emplace_back();
  }
  const std::uint64_t place = free_splits_.back();
  free_splits_.pop_back();
  splits_[place] = {bio, static_cast<int>(pieces), false};
  return place;
}

void Raid0Arrays::piece_ended(const Bio& piece, bool failed) {
  Split& split = splits_[piece.cookie];
  split.failed |= failed;
  if (--split.pieces_left > 0) return;
  const Split ended = split;
  free_splits_.push_back(piece.cookie);
  if (!listener_) return;
  if (ended.failed)
    listener_->io_failed(ended.whole);
  else
    listener_->io_completed(ended.whole);
}

void Raid0Arrays::io_completed(const Bio& bio) {
  if (has(bio.device)) return piece_ended(bio, false);
  if (listener_) listener_->io_completed(bio);
}

void Raid0Arrays::io_failed(const Bio& bio) {
  if (has(bio.device)) return piece_ended(bio, true);
  if (listener_) listener_->io_failed(bio);
}

void Raid0Arrays::congestion_cleared(DeviceId device, IoDirection direction) {
  if (listener_) listener_->congestion_cleared(device, direction);
}

}  // namespace numasim
