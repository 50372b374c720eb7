#pragma once
// What holds a device's bytes, and how long it takes to move them. Media know no kernel: they are
// given requests, serve one or several at a time, and say when each is done.

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "sim/engine/event_loop.hpp"
#include "sim/hardware/device_faults.hpp"
#include "sim/hardware/hdd_geometry.hpp"
#include "sim/hardware/io_request.hpp"
#include "sim/hardware/platform.hpp"

namespace numasim {

class Medium {
 public:
  using Done = std::function<void(const IoRequest&)>;

  virtual ~Medium() = default;
  /// Takes a request, which must live until `done` is called with it, later.
  virtual void take(const IoRequest& request) = 0;
};

/// Where a medium stands.
struct MediumPlace {
  DeviceId device;
  engine::EventLoop& loop;
  Platform& platform;
  const DeviceFaults& faults;
};

std::unique_ptr<Medium> make_medium(const DiskConfig& disk, const MediumPlace& place,
                                    Medium::Done done);

/// The requests a device of this medium holds, unless its settings say.
int queue_depth_of(const DiskConfig& disk);
/// Bytes a second that the medium moves at most.
std::int64_t rate_of(const DiskConfig& disk);
/// The flash settings of a disk, with those of its kind where they are absent.
FlashConfig flash_of(const DiskConfig& disk);

/// One request at a time, as they come: overhead, a seek unless the request goes on where the one
/// before it ended, then the bytes at one rate. Work on SimGrid.
class PlainMedium final : public Medium {
 public:
  PlainMedium(const DiskConfig& disk, const MediumPlace& place, Done done)
      : disk_(disk), place_(place), done_(std::move(done)) {}
  void take(const IoRequest& request) override;

 private:
  void begin_next();
  double work_of(const IoRequest& request) const;

  DiskConfig disk_;
  MediumPlace place_;
  Done done_;
  std::deque<const IoRequest*> held_;  // the first is being served
  std::uint64_t head_ = 0;
};

/// One request at a time; of those it holds, the one it can reach first (NCQ). Dates are exact:
/// the platter's angle is the simulated time. Its bytes go over the memory buses while the sectors
/// pass the head; where the buses take longer, the request ends, and the next begins, later.
class HddMedium final : public Medium {
 public:
  HddMedium(const DiskConfig& disk, const MediumPlace& place, Done done);
  void take(const IoRequest& request) override;

 private:
  void begin_next();
  void begin_transfer();
  void part_ended();

  HddGeometry geometry_;
  MediumPlace place_;
  Done done_;
  std::vector<const IoRequest*> held_;  // waiting in the drive, in order of arrival
  const IoRequest* served_ = nullptr;
  std::uint64_t head_ = 0;
  engine::Alarm on_track_;
  engine::Alarm passed_;  // the sectors, under the head
  SimTime passes_at_{};
  int parts_left_ = 0;  // of the served request: the sectors' passing and their way over the buses
};

/// Several requests at a time, each with a latency of its own; then their bytes pass the interface,
/// one request after the other, as work on SimGrid.
class FlashMedium final : public Medium {
 public:
  FlashMedium(const DiskConfig& disk, const MediumPlace& place, Done done);
  void take(const IoRequest& request) override;

 private:
  /// A part of the medium that serves one request.
  struct Server {
    explicit Server(std::function<void()> ring) : found(std::move(ring)) {}
    const IoRequest* served = nullptr;
    engine::Alarm found;
  };

  void begin_next();
  void found(Server& server);
  void transfer_next();
  SimDuration latency_of(const IoRequest& request) const;

  std::int64_t bytes_per_second_;
  SimDuration read_latency_, write_latency_;
  MediumPlace place_;
  Done done_;
  std::deque<const IoRequest*> held_;  // no server is free for them
  std::deque<Server> servers_;
  std::deque<Server*> at_interface_;  // the first is passing it
};

}  // namespace numasim
