#include "sim/results/run_directory.hpp"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "allocator/check.hpp"
#include "sim/results/request_tables.hpp"

namespace numasim::results {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSummary = "summary.json";
constexpr std::string_view kConfig = "config.resolved.json";

constexpr std::string_view kSeriesNpy = "series.npy";  // only where the scenario asks for it

constexpr std::array<std::string_view, 12> kSeriesColumns{
    "time_ns",         "node",          "zone",
    "free_pages",      "active_pages",  "inactive_pages",
    "anon_pages",      "file_pages",    "dirty_pages",
    "writeback_pages", "pageset_pages", "unfolded_free_pages"};

/// Every file of a run, in the order in which they come into place.
constexpr std::array kFiles{kConfig,
                            std::string_view("zones.csv"),
                            std::string_view("series.csv"),
                            kSeriesNpy,
                            std::string_view("orders.csv"),
                            std::string_view("devices.csv"),
                            std::string_view("vmstat.csv"),
                            std::string_view("requests.csv"),
                            std::string_view("request_waits.csv"),
                            std::string_view("placement.csv"),
                            std::string_view("events.csv"),
                            std::string_view("cpusets.csv"),
                            std::string_view("dmesg.txt"),
                            std::string_view("tasks.csv"),
                            std::string_view("waits.csv"),
                            std::string_view("locks.csv"),
                            std::string_view("lock_waits.csv"),
                            std::string_view("stats.txt"),
                            std::string_view("provenance.json"),
                            kSummary};

/// The place, or what its name ends in, where files grow.
constexpr std::string_view kIncomplete = ".incomplete";

/// Drawn from a run by analysis/; they would belie a new run in the same place.
constexpr std::array<std::string_view, 4> kFigures{"pressure.png", "pressure.svg", "report.html",
                                                   "report_figures"};

[[noreturn]] void fail(const fs::path& path, const std::string& why) {
  throw OutputError("cannot write " + path.string() + ": " + why);
}

void make_directory(const fs::path& path) {
  std::error_code error;
  fs::create_directory(path, error);
  if (error) fail(path, error.message());
}

void move_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) fail(to, error.message());
}

/// Removes a run's files from `directory`, and the directory itself if nothing else is in it.
void remove_run_files(const fs::path& directory) {
  std::error_code ignored;
  for (const std::string_view name : kFiles) fs::remove(directory / name, ignored);
  fs::remove(directory, ignored);
}

bool stands(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// True if a run was cut off in `directory` before it had anything to show, or nothing is there.
bool holds_nothing(const fs::path& directory) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error))
    if (entry.path().filename() != kIncomplete) return false;
  if (error) fail(directory, error.message());
  return true;
}

}  // namespace

RunDirectory::RunDirectory(fs::path path, const MachineOutline& outline)
    : path_(std::move(path)), devices_known_(outline.devices) {
  if (path_.empty()) throw OutputError("the output directory has no name");
  target_ = fs::absolute(path_).lexically_normal();
  if (target_.filename().empty()) target_ = target_.parent_path();
}

// Delegates, so that the destructor tidies up when a step throws.
RunDirectory::RunDirectory(fs::path path, IfPresent if_present, const MachineOutline& outline,
                           std::string_view resolved_config, Npy npy)
    : RunDirectory(std::move(path), outline) {
  prepare_place(if_present);
  write_whole(kConfig, resolved_config);
  write_zones(outline);
  open_tables();
  if (npy == Npy::yes)
    series_npy_.emplace(work_ / "series.npy", std::vector<std::string_view>(kSeriesColumns.begin(),
                                                                            kSeriesColumns.end()));
}

RunDirectory::~RunDirectory() {
  if (state_ == State::writing) remove_what_was_made();
}

void RunDirectory::prepare_place(IfPresent if_present) {
  if (stands(target_)) {
    check_may_replace(if_present);
    // Inside it: its parent may be another file system, or not ours to write to.
    work_ = target_ / kIncomplete;
  } else {
    make_parents();
    work_ = fs::path(target_) += kIncomplete;
  }
  remove_run_files(work_);
  if (stands(work_)) fail(work_, "it exists and holds other files than a run's");
  make_directory(work_);
}

void RunDirectory::check_may_replace(IfPresent if_present) const {
  std::error_code error;
  if (!fs::is_directory(target_, error)) fail(path_, "it is not a directory");
  if (holds_nothing(target_)) return;
  if (if_present == IfPresent::refuse)
    fail(path_, "it exists; add --force to replace the run in it, or choose another --out");
  if (!stands(target_ / kSummary) && !stands(target_ / kConfig))
    fail(path_, "it holds other files than a run's; choose another --out");
}

void RunDirectory::make_parents() {
  for (fs::path parent = target_.parent_path(); !stands(parent); parent = parent.parent_path())
    made_.insert(made_.begin(), parent);
  for (const fs::path& parent : made_) make_directory(parent);
}

void RunDirectory::write_whole(std::string_view name, std::string_view text) {
  OutputFile file(work_ / name);
  file.text(text);
  file.close();
}

void RunDirectory::write_zones(const MachineOutline& outline) {
  OutputFile file(work_ / "zones.csv");
  file.text(
      "node,zone,start_pfn,spanned_pages,present_pages,min_pages,low_pages,high_pages,"
      "reserve_dma_pages,reserve_dma32_pages,reserve_normal_pages,reserve_movable_pages\n");
  for (const ZoneOutline& zone : outline.zones) {
    file.number(zone.zone.node.value).text(",").text(to_string(zone.zone.type));
    file.text(",").number(zone.start.value);
    for (const PageCount pages : {zone.spanned, zone.present, zone.min, zone.low, zone.high})
      file.text(",").number(pages.value);
    for (const PageCount pages : zone.lowmem_reserve) file.text(",").number(pages.value);
    file.text("\n");
  }
  file.close();
}

void RunDirectory::open_tables() {
  series_.emplace(work_ / "series.csv");
  for (const std::string_view column : kSeriesColumns)
    series_->text(column == kSeriesColumns.front() ? "" : ",").text(column);
  series_->text("\n");
  orders_.emplace(work_ / "orders.csv");
  orders_->text("time_ns,node,zone");
  for (unsigned order = 0; order < kMaxOrder; ++order)
    orders_->text(",order_").number(order).text("_blocks");
  orders_->text("\n");
  queues_.emplace(work_ / "devices.csv");
  queues_->text(
      "time_ns,device,read_requests,write_requests,in_flight,congested_read,"
      "congested_write\n");
  vmstat_.emplace(work_ / "vmstat.csv");
  vmstat_->text("time_ns");
  for (const std::string_view name : kVmstatNames) vmstat_->text(",").text(name);
  vmstat_->text("\n");
  requests_.emplace(work_ / "requests.csv");
  requests_->text("time_ns");
  for (unsigned order = 0; order < kMaxOrder; ++order)
    requests_->text(",order_").number(order).text("_served");
  requests_->text(",failed\n");
  cpusets_.emplace(work_ / "cpusets.csv");
  cpusets_->text("time_ns,cpuset,memory_pressure_per_1000s\n");
  dmesg_.emplace(work_ / "dmesg.txt");
  events_.emplace(work_ / "events.csv");
  events_->text("begin_ns,end_ns,kind,task,cpu,node,zone,order,gfp,value,detail\n");
}

void RunDirectory::sample(SimTime date, std::span<const ZoneSample> zones,
                          std::span<const DeviceSample> devices, const VmstatValues& vmstat,
                          const RequestSample& requests) {
  if (pending_) {
    MM_CHECK(date >= *pending_, "date_ns", to_ns(date), "latest_ns", to_ns(*pending_));
    if (date > *pending_) write_pending_sample();
  }
  pending_ = date;
  zones_.assign(zones.begin(), zones.end());
  devices_.assign(devices.begin(), devices.end());
  vmstat_values_ = vmstat;
  request_values_ = requests;
}

void RunDirectory::sample(SimTime date, std::span<const CpusetSample> cpusets) {
  if (cpusets_sampled_ == date) return;
  cpusets_sampled_ = date;
  for (const CpusetSample& cpuset : cpusets) {
    cpusets_->number(to_ns(date)).text(",").field(cpuset.name);
    cpusets_->text(",").number(cpuset.memory_pressure).text("\n");
  }
}

void RunDirectory::write_pending_sample() {
  for (const ZoneSample& zone : zones_) write_zone(to_ns(*pending_), zone);
  for (const DeviceSample& device : devices_) {
    queues_->number(to_ns(*pending_)).text(",").field(name_of(device.device));
    for (const int number : {device.read_requests, device.write_requests, device.in_flight,
                             int{device.congested_read}, int{device.congested_write}})
      queues_->text(",").number(number);
    queues_->text("\n");
  }
  vmstat_->number(to_ns(*pending_));
  for (const std::int64_t value : vmstat_values_) vmstat_->text(",").number(value);
  vmstat_->text("\n");
  requests_->number(to_ns(*pending_));
  for (const std::int64_t served : request_values_.served_by_order)
    requests_->text(",").number(served);
  requests_->text(",").number(request_values_.failed).text("\n");
  pending_.reset();
}

void RunDirectory::write_zone(std::int64_t time_ns, const ZoneSample& zone) {
  for (OutputFile* table : {&*series_, &*orders_}) {
    table->number(time_ns).text(",").number(zone.zone.node.value);
    table->text(",").text(to_string(zone.zone.type));
  }
  std::vector<std::int64_t> row{time_ns, zone.zone.node.value,
                                static_cast<std::int64_t>(index(zone.zone.type))};
  for (const PageCount pages : {zone.free, zone.active, zone.inactive, zone.anon, zone.file,
                                zone.dirty, zone.writeback, zone.pageset, zone.unfolded_free}) {
    series_->text(",").number(pages.value);
    row.push_back(pages.value);
  }
  for (const std::int64_t blocks : zone.free_blocks) orders_->text(",").number(blocks);
  series_->text("\n");
  orders_->text("\n");
  if (series_npy_) series_npy_->row(row);
}

void RunDirectory::write_tasks(std::span<const TaskRow> tasks) {
  OutputFile times(work_ / "tasks.csv"), waits(work_ / "waits.csv");
  times.text(
      "id,task,daemon,cpu,begin_ns,end_ns,ending,running_ns,memory_ns,spinning_ns,runnable_ns,"
      "sleeping_ns,waiting_ns\n");
  waits.text("id,task,queue,sleeps,total_ns\n");
  for (const TaskRow& task : tasks) {
    SimDuration waiting{0};
    for (const WaitTotal& wait : task.waits) {
      waits.number(task.id.value).text(",").field(task.name).text(",").field(wait.queue);
      waits.text(",").number(wait.sleeps).text(",").number(to_ns(wait.total)).text("\n");
      waiting += wait.total;
    }
    times.number(task.id.value).text(",").field(task.name).text(",").number(int{task.daemon});
    times.text(",").number(task.cpu.value).text(",").number(to_ns(task.begin));
    times.text(",").number(to_ns(task.end)).text(",").field(task.ending);
    for (const SimDuration part :
         {task.running, task.memory, task.spinning, task.runnable, task.sleeping, waiting})
      times.text(",").number(to_ns(part));
    times.text("\n");
  }
  times.close();
  waits.close();
}

void RunDirectory::write(const EventRow& row) {
  const auto number_or_none = [this](const auto& number) {
    events_->text(",").number(number ? static_cast<std::int64_t>(number->value) : -1);
  };
  events_->number(to_ns(row.begin)).text(",").number(to_ns(row.end));
  events_->text(",").text(to_string(row.kind)).text(",").field(row.task);
  number_or_none(row.cpu);
  number_or_none(row.node);
  events_->text(",").field(row.zone ? to_string(*row.zone) : std::string_view{});
  number_or_none(row.order);
  events_->text(",").field(row.gfp ? to_string(*row.gfp) : std::string{});
  events_->text(",").number(row.value.value_or(-1));
  events_->text(",").field(row.detail).text("\n");
}

std::string_view RunDirectory::name_of(DeviceId device) const {
  const auto found = std::ranges::find(devices_known_, device, &DeviceOutline::device);
  MM_CHECK(found != devices_known_.end(), "device", device.value);
  return found->name;
}

void RunDirectory::close_tables() {
  if (pending_) write_pending_sample();
  series_->close();
  orders_->close();
  if (series_npy_) series_npy_->close();
  queues_->close();
  vmstat_->close();
  requests_->close();
  events_->close();
  cpusets_->close();
  dmesg_->close();
}

void RunDirectory::finish(const RunSummary& summary, const Provenance& provenance) {
  close_tables();
  write_tasks(summary.tasks);
  write_whole("request_waits.csv", request_waits_csv(summary.events));
  write_whole("placement.csv", placement_csv(summary.events));
  write_locks(work_ / "locks.csv", summary.locks);
  write_lock_waits(work_ / "lock_waits.csv", summary.tasks);
  write_whole("stats.txt", stats_text(summary));
  write_whole("provenance.json", provenance_json(provenance));
  write_whole(kSummary, summary_json(summary));
  move_into_place();
  state_ = State::finished;
}

void RunDirectory::move_into_place() {
  if (work_.parent_path() != target_) return move_file(work_, target_);
  std::error_code ignored;
  fs::remove(target_ / kSummary, ignored);
  for (const std::string_view figure : kFigures) fs::remove_all(target_ / figure, ignored);
  for (const std::string_view name : kFiles) {
    if (name == kSeriesNpy && !series_npy_) {
      fs::remove(target_ / name, ignored);
    } else {
      move_file(work_ / name, target_ / name);
    }
  }
  fs::remove(work_, ignored);
}

fs::path RunDirectory::leave_incomplete() {
  close_tables();
  state_ = State::left;
  return work_;
}

void RunDirectory::remove_what_was_made() {
  series_.reset();
  orders_.reset();
  series_npy_.reset();
  queues_.reset();
  vmstat_.reset();
  requests_.reset();
  events_.reset();
  cpusets_.reset();
  dmesg_.reset();
  std::error_code ignored;
  if (!work_.empty()) remove_run_files(work_);
  for (auto parent = made_.rbegin(); parent != made_.rend(); ++parent) fs::remove(*parent, ignored);
}

}  // namespace numasim::results
