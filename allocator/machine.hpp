#pragma once
// The port: all that the kernel core may ask of the hardware below it.

#include <boost/intrusive/list.hpp>
#include <optional>
#include <string_view>

#include "allocator/task.hpp"
#include "allocator/units.hpp"

namespace numasim {

/// A place where tasks sleep until woken or until their time is up (wait_queue_head_t).
/// Waiters stand in the order they came. The core owns the queues, the machine fills them.
class WaitQueue {
 public:
  /// A sleeping task's place in the queue; lives on that task's stack while it sleeps.
  struct Waiter : boost::intrusive::list_base_hook<> {
    explicit Waiter(Task& sleeper) : task(sleeper) {}
    Task& task;
    bool woken = false;
  };
  using Waiters = boost::intrusive::list<Waiter>;

  /// Whether a kill ends the sleep.
  enum class Sleep : std::uint8_t { uninterruptible, interruptible };

  /// `name` says what its sleepers wait for; it appears in the deadlock report.
  explicit WaitQueue(std::string_view name, Sleep sleep = Sleep::uninterruptible)
      : name_(name), sleep_(sleep) {}
  bool is_interruptible() const { return sleep_ == Sleep::interruptible; }

  std::string_view name() const { return name_; }
  bool empty() const { return waiters_.empty(); }
  Waiters& waiters() { return waiters_; }

 private:
  std::string_view name_;
  Sleep sleep_;
  Waiters waiters_;
};

/// Where a bio's own memory lies: the slabs of its descriptor and of its list of pages, and which
/// size of list that is.
struct BioMemory {
  std::optional<Pfn> descriptor, pages;
  std::uint8_t list = 0;
};

/// A piece of block I/O: whole pages, contiguous on the device.
struct Bio {
  IoDirection direction = IoDirection::read;
  DeviceId device;
  std::uint64_t first_sector = 0;  // in 512-byte sectors
  Bytes length;
  bool sync = false;               // unplugs the queue at once
  std::uint64_t cookie = 0;        // handed back at completion; the submitter's own
  std::optional<NodeId> node{};    // whose memory the first of its pages is in, if that is known
  std::optional<BioMemory> memory{};  // absent: it has none of its own
};

/// Hears from the block devices. Implemented by the core, called by the machine, never suspends.
class BlockListener {
 public:
  virtual ~BlockListener() = default;
  /// All of `bio` is on the medium (or read from it).
  virtual void io_completed(const Bio& bio) = 0;
  /// The device gave `bio` up: nothing of it is on the medium. Told instead of io_completed.
  virtual void io_failed(const Bio& bio) { io_completed(bio); }
  /// A request of this direction was freed while the queue stood below its off threshold
  /// (clear_bdi_congested of 2.6.24, which wakes the sleepers of that direction).
  virtual void congestion_cleared(DeviceId device, IoDirection direction) = 0;
};

/// Why memory is moved over the buses.
enum class Traffic : std::uint8_t { zero, copy, touch, scan };

/// What a task has behind it.
struct Past {
  SimTime started{};
  SimDuration cpu_time{0};  // on a CPU, in user mode and in the kernel
};

/// Everything the core may ask of the outside world. Two users: the simulated machine on SimGrid
/// and the fake of the tests. A function that takes a Task& may let simulated time pass; others
/// never do. Across such a call hold no iterator and no cached count: other tasks have run.
class Machine {
 public:
  enum class Wakeup : std::uint8_t { woken, timed_out };

  virtual ~Machine() = default;

  // Never suspend.

  /// The date at which the running task stands, without the work on its meter.
  virtual SimTime now() const = 0;
  /// Kernel ticks since boot at that date.
  virtual Jiffies jiffies() const = 0;
  virtual void wake_one(WaitQueue& queue) = 0;
  virtual void wake_all(WaitQueue& queue) = 0;
  /// True while the device's queue holds too many requests of this direction.
  virtual bool is_congested(DeviceId device, IoDirection direction) const = 0;
  /// Tells the device's queue to start what it holds back to merge (unplug).
  virtual void unplug(DeviceId device) = 0;
  /// Marks a task as killed; it acts on the mark where Linux acts on SIGKILL.
  virtual void kill(TaskId victim) = 0;
  virtual Past past_of(const Task& task) const = 0;

  // Suspend: other tasks may run before these return.

  /// cond_resched(), and the way back to user mode: where the kernel, in the midst of its work,
  /// lets another task have the CPU if its turn has come. On a machine without CPUs nothing.
  virtual void cond_resched(Task&) {}
  /// Turns the work on the task's meter into time on its CPU.
  virtual void spend(Task& task) = 0;
  /// Sleeps, uninterruptibly, until the tick `ticks` after the next one begins to be counted.
  virtual void sleep(Task& task, Jiffies ticks) = 0;
  virtual void sleep_until(Task& task, SimTime date) = 0;
  /// Sleeps in `queue` until woken or until `timeout` ticks have passed.
  virtual Wakeup wait(Task& task, WaitQueue& queue, Jiffies timeout) = 0;
  /// Sleeps in `queue` until woken, for ever if nobody does; or until killed, in a queue where that
  /// ends the sleep.
  virtual void wait(Task& task, WaitQueue& queue) = 0;
  /// Moves `length` between the task's CPU and a node's memory.
  virtual void touch(Task& task, NodeId node, Bytes length, Traffic why) = 0;
  /// Hands `bio` to the device's queue; sleeps while no request can be had.
  virtual void submit(Task& task, const Bio& bio) = 0;
  /// Stops the machine for good (panic). On one that runs other tasks, nothing happens after it.
  virtual void panic(Task& task, std::string_view why) = 0;
};

}  // namespace numasim
