// The one file that knows SimGrid's kernel: the event loop as a resource model whose
// next_occurring_event moves it forward. SimGrid asks such a model last in each step, with the
// time to the earliest event of all others; so far the loop may run ahead without an error.

#include "sim/engine/simgrid_driver.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <simgrid/kernel/resource/Model.hpp>
#include <utility>

#include "sim/engine/sg_compat.hpp"

namespace numasim::engine {
namespace {

namespace sg4 = simgrid::s4u;

constexpr double kNanosecond = 1e-9;

/// Our clocks are integers; SimGrid's double follows from them and is never added up.
double to_seconds(SimTime date) { return static_cast<double>(to_ns(date)) * kNanosecond; }
SimTime from_seconds(double date) { return SimTime{SimDuration{std::llround(date / kNanosecond)}}; }

class LoopModel : public simgrid::kernel::resource::Model {
 public:
  explicit LoopModel(EventLoop& loop) : Model("numasim"), loop_(loop) {}

  bool next_occurring_event_is_idempotent() override { return false; }

  /// `others`: seconds to the next event of everything else, negative if there is none.
  /// Returns the seconds after which SimGrid must stop for us, or `others`.
  double next_occurring_event(double others) override {
    const double clock = sg4::Engine::get_clock();
    const SimTime horizon = others < 0 ? SimTime::max() : from_seconds(clock + others);
    const std::optional<SimTime> action = loop_.run_ahead(horizon);
    if (!action) return others;
    const double wait = std::max(0.0, to_seconds(*action) - clock);
    // A longer answer than the question would make SimGrid step over its own event.
    return others < 0 ? wait : std::min(wait, others);
  }

  void update_actions_state(double clock, double) override {
    loop_.call_actions(from_seconds(clock));
  }

 private:
  EventLoop& loop_;
};

std::unique_ptr<sg4::Engine> make_engine(const std::vector<std::string>& arguments) {
  // SimGrid would tell each of our settings on stderr.
  std::vector<std::string> words{"numasim", "--log=xbt_cfg.thresh:warning"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  int argc = static_cast<int>(words.size());
  // SimGrid takes Ctrl-C for itself and lists actors, of which there are none; it is the caller's.
  struct sigaction callers {};
  sigaction(SIGINT, nullptr, &callers);
  auto made = std::make_unique<sg4::Engine>(&argc, argv.data());
  sigaction(SIGINT, &callers, nullptr);
  return made;
}

void configure() {
  // The default network model multiplies latencies by 13 and takes 3 % of each bandwidth.
  sg4::Engine::set_config("network/model:CM02");
  sg4::Engine::set_config("network/crosstraffic:0");
  sg4::Engine::set_config(sg_compat::no_tcp_window());
  // Events nearer than this fire together: it must be well below our nanosecond.
  sg4::Engine::set_config(sg_compat::timing_precision("1e-11"));
}

}  // namespace

SimGridDriver::SimGridDriver(EventLoop& loop, const std::vector<std::string>& arguments)
    : loop_(loop), engine_(make_engine(arguments)) {
  configure();
  sg_compat::on_completion([this](const sg4::Activity& activity) { completed(activity); });
}

SimGridDriver::~SimGridDriver() = default;

SimGridDriver::Activity& SimGridDriver::prepare(Done done) {
  if (free_activities_.empty()) free_activities_.push_back(&activities_.emplace_back());
  Activity& activity = *free_activities_.back();
  free_activities_.pop_back();
  activity.done = std::move(done);
  loop_.begin_outside();
  return activity;
}

void SimGridDriver::watch(Activity& activity, sg4::ActivityPtr in_simgrid) {
  in_simgrid->set_data(&activity);
  activity.in_simgrid = std::move(in_simgrid);
}

void SimGridDriver::start_flow(sg4::Host* from, sg4::Host* to, std::uint64_t bytes, Done done) {
  Activity& activity = prepare(std::move(done));
  loop_.call_in_simgrid([this, &activity, from, to, bytes] {
    ended_.clear();
    watch(activity, sg4::Comm::sendto_async(from, to, bytes));
  });
}

void SimGridDriver::start_work(sg4::Host* host, double work, Done done) {
  Activity& activity = prepare(std::move(done));
  loop_.call_in_simgrid([this, &activity, host, work] {
    ended_.clear();
    const sg4::ExecPtr exec = sg4::Exec::init();
    exec->set_flops_amount(work);
    exec->set_host(host);
    watch(activity, exec);
    exec->vetoable_start();
  });
}

void SimGridDriver::completed(const sg4::Activity& in_simgrid) {
  auto* activity = in_simgrid.get_data<Activity>();
  // SimGrid tells a cancelled flow's end twice: the second time nothing is left to do.
  if (!activity || activity->in_simgrid.get() != &in_simgrid) return;
  ended_.push_back(std::move(activity->in_simgrid));
  const Done done = std::exchange(activity->done, nullptr);
  free_activities_.push_back(activity);
  loop_.end_outside();
  loop_.arrive(from_seconds(sg4::Engine::get_clock()), done);
}

void SimGridDriver::run() {
  engine_->add_model(std::make_shared<LoopModel>(loop_));
  engine_->run();
  ended_.clear();
}

}  // namespace numasim::engine
