#pragma once
// What an operation does besides its result: refills, flushes, fallbacks, kswapd woken. They are
// written as the recording writes them, and wait there for its rows.

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "allocator/memory.hpp"
#include "sim/conform/machine/rows.hpp"

namespace numasim::conform {

class Effects final : public Observer {
 public:
  using PassListener = std::function<void(const event::PassBegin&)>;

  /// `before_later_pass` is called when a pass over a zonelist begins that is not a first one.
  Effects(const Memory& memory, PassListener before_later_pass)
      : memory_(memory), before_later_pass_(std::move(before_later_pass)) {}

  /// One thing that was done.
  struct Effect {
    std::string text;
    const Zone* zone = nullptr;   // of a refill: where, and
    std::int64_t free_pages = 0;  // the zone's free counter right after
  };

  bool empty(CpuId cpu) const { return waiting(cpu).empty(); }
  const Effect& first(CpuId cpu) const { return waiting(cpu).front(); }
  void pop(CpuId cpu) { by_cpu_[cpu].pop_front(); }
  /// Takes back what was added to a zone's counter while a call ran on this CPU.
  void take_back(CpuId cpu, const Zone& zone, std::int64_t more);
  /// Passes over a zonelist since last asked.
  int take_passes() { return std::exchange(passes_, 0); }

  /// The row in the words of an effect.
  static std::string text_of(const MachineRow& row);

 private:
  void on(const Task& by, const Event& event) override;
  void put(CpuId cpu, std::string text) { by_cpu_[cpu].push_back({std::move(text), nullptr, 0}); }
  const std::deque<Effect>& waiting(CpuId cpu) const;

  const Memory& memory_;
  PassListener before_later_pass_;
  std::map<CpuId, std::deque<Effect>> by_cpu_;
  int passes_ = 0;
};

}  // namespace numasim::conform
