// The workload of fault injection: a list of requests, some of which are made to fail.

#include <memory>

#include "sim/validation/programs/programs.hpp"

namespace numasim::validation {
namespace {

constexpr Hook::Work kInside{.alloc = {1'800}, .free = {700}};

/// What the recorded machine's fail_page_alloc was set to.
FailPageAlloc settings_of(const Parameters& parameters) {
  FailPageAlloc settings;
  settings.probability_percent = static_cast<int>(parameters.number("prob", 0));
  settings.interval = static_cast<int>(parameters.number("fint", 1));
  settings.times = static_cast<int>(parameters.number("ftimes", -1));
  settings.space_pages = static_cast<int>(parameters.number("fspace", 0));
  settings.task_filter = parameters.number("tf", 0) != 0;
  settings.min_order = static_cast<int>(parameters.number("mino", 0));
  settings.ignore_gfp_highmem = parameters.number("igh", 1) != 0;
  settings.ignore_gfp_wait = parameters.number("igw", 0) != 0;
  return settings;
}

/// The numbers that the recorded kernel drew, one after the other.
FailPageAllocAttr::Draw recorded_draws(const std::vector<int>& numbers) {
  constexpr int kNeverFails = 100;
  const auto next = std::make_shared<std::size_t>(0);
  return [numbers, next] { return *next < numbers.size() ? numbers[(*next)++] : kNeverFails; };
}

}  // namespace

FailPageAlloc faults_before_workload(const Parameters& parameters) {
  constexpr int kSparesAll = 10;  // the largest order: nobody asks for it
  FailPageAlloc settings = settings_of(parameters);
  settings.min_order = kSparesAll;
  return settings;
}

void run_faults(Crew& crew, Process& parent, const Recording& recording) {
  const Parameters& parameters = recording.parameters;
  parameters.number("n"), parameters.number("ncpu");
  const Process& child =
      crew.fork(parent, "asker", 600, CpuId{0}, [&crew, &recording](Process& self) {
        self.task.make_it_fail = recording.parameters.number("mif", 1) != 0;
        FaultInjection& faults = crew.kernel().allocator().fault_injection();
        faults.fail_page_alloc() = FailPageAllocAttr(settings_of(recording.parameters),
                                                     recorded_draws(recording.asked.drawn));
        Hook hook(crew, kInside);
        // The page that the write of the last setting, the probability, takes before it holds.
        faults.fail_page_alloc().write(&FailPageAlloc::probability_percent, 0);
        if (hook.alloc(self, -1, {.gfp = {0x412d0}})) hook.free(self, -1);
        faults.fail_page_alloc().write(&FailPageAlloc::probability_percent,
                                       settings_of(recording.parameters).probability_percent);
        crew.account().mark(601);
        crew.account().forget_requests();
        std::int64_t id = 0;
        for (const AskedBlock& block : recording.asked.blocks) {
          const Hook::Request request{.gfp = {block.gfp},
                                      .order = Order{static_cast<std::uint8_t>(block.order)},
                                      .node = block.node,
                                      .memalloc = block.memalloc};
          if (hook.alloc(self, id, request)) hook.free(self, id);
          ++id;
        }
        crew.account().mark(602);
        faults.fail_page_alloc() =
            FailPageAllocAttr(faults_before_workload(recording.parameters), [] { return 100; });
      });
  crew.wait(parent, child);
  end_workload(crew, parent);
}

}  // namespace numasim::validation
