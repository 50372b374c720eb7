#pragma once
// RAID-0: disks made of others (drivers/md/raid0.c of Linux 2.6.24). An array has no queue of its
// own: a bio is split where chunks end, and its pieces go to the queues of the disks below.
// Differs from Linux: disks of one size; a bio is split into as many pieces as it has chunks, where
// 2.6.24 builds no bio longer than a chunk.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "allocator/machine.hpp"
#include "sim/machine_config.hpp"

namespace numasim {

/// The device of that name: disks by their place in the list, arrays behind them.
std::optional<DeviceId> device_named(const MachineConfig& machine, std::string_view name);
/// Names of all devices, in the order of their ids.
std::vector<std::string_view> device_names(const MachineConfig& machine);

/// The arrays of a machine. Stands between the disks and who listens to them: a split bio is
/// completed when its last piece is.
class Raid0Arrays final : public BlockListener {
 public:
  /// A part of a split bio. Its device is still the array.
  struct Piece {
    DeviceId disk;
    Bio bio;
  };

  explicit Raid0Arrays(const MachineConfig& machine);

  void set_listener(BlockListener* listener) { listener_ = listener; }
  bool has(DeviceId device) const { return device.value >= disks_; }
  /// The disks below an array; of a disk, itself.
  std::vector<DeviceId> disks_of(DeviceId device) const;
  /// Requires: has(bio.device). All pieces must be submitted.
  std::vector<Piece> split(const Bio& bio);

  void io_completed(const Bio& bio) override;
  void io_failed(const Bio& bio) override;
  void congestion_cleared(DeviceId device, IoDirection direction) override;

 private:
  struct Array {
    std::vector<DeviceId> disks;
    std::uint64_t chunk_sectors = 0;
  };
  /// A split bio on its way.
  struct Split {
    Bio whole;
    int pieces_left = 0;
    bool failed = false;
  };

  std::uint64_t begin_split(const Bio& bio, std::size_t pieces);
  void piece_ended(const Bio& piece, bool failed);

  std::uint16_t disks_;
  std::vector<Array> arrays_;
  std::vector<Split> splits_;  // a piece's cookie is its split's place here
  std::vector<std::uint64_t> free_splits_;
  BlockListener* listener_ = nullptr;
};

}  // namespace numasim
