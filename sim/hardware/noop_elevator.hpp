#pragma once
// The elevator that is none: requests in the order they came (block/noop-iosched.c, Linux 2.6.24).

#include "sim/hardware/elevator.hpp"

namespace numasim {

class NoopElevator final : public ElevatorQueue {
 public:
  Urgency add(IoRequest& request, const Submitter& by, Jiffies now) override;
  IoRequest* former(IoRequest& request) override;
  IoRequest* latter(IoRequest& request) override;
  void begins_at(IoRequest& request, std::uint64_t sector) override { request.begin = sector; }
  void join(IoRequest& first, IoRequest& second) override;
  std::vector<IoRequest*> dispatch(Jiffies now) override;

 private:
  RequestsInTurn waiting_;
};

}  // namespace numasim
