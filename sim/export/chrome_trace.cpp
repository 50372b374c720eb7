#include "sim/export/chrome_trace.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/export/table.hpp"

namespace numasim::exporting {
namespace {

using nlohmann::ordered_json;

constexpr int kTasks = 1, kDevices = 2, kZones = 3;  // "processes": groups of tracks

/// Microseconds with the nanoseconds behind the point.
std::string microseconds(std::int64_t ns) {
  std::string decimals = std::to_string(ns % 1000);
  return std::to_string(ns / 1000) + '.' + std::string(3 - decimals.size(), '0') + decimals;
}

/// Writes events one a line, each with its date in front.
class Writer {
 public:
  explicit Writer(const std::function<void(std::string_view)>& put) : put_(put) {
    put_("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
  }

  void meta(const char* what, int group, std::int64_t track, const std::string& name) {
    write({{"ph", "M"}, {"name", what}, {"pid", group}, {"tid", track}, {"args", {{"name", name}}}},
          {});
  }

  void write(const ordered_json& event, const std::string& dates) {
    std::string line = first_ ? "\n" : ",\n";
    first_ = false;
    line += '{' + dates + event.dump().substr(1);
    put_(line);
  }

  void close() { put_("\n]}\n"); }

 private:
  const std::function<void(std::string_view)>& put_;
  bool first_ = true;
};

struct Counter {
  std::int64_t time_ns;
  ordered_json event;
};

class Exporter {
 public:
  Exporter(const std::filesystem::path& run, Writer& writer) : run_(run), writer_(writer) {}

  void all() {
    name_groups();
    name_tasks();
    const std::vector<EventSpan> events = read_events(run_);
    const std::vector<Counter> counters = read_counters();
    auto counter = counters.begin();
    for (const EventSpan& event : events) {
      for (; counter != counters.end() && counter->time_ns <= event.begin_ns; ++counter)
        writer_.write(counter->event, "\"ts\":" + microseconds(counter->time_ns) + ',');
      write(event);
    }
    for (; counter != counters.end(); ++counter)
      writer_.write(counter->event, "\"ts\":" + microseconds(counter->time_ns) + ',');
  }

 private:
  void name_groups() {
    writer_.meta("process_name", kTasks, 0, "tasks");
    writer_.meta("process_name", kDevices, 0, "devices");
    writer_.meta("process_name", kZones, 0, "zones");
  }

  void name_tasks() {
    for_each_row(run_, "tasks.csv", [&](const Row& row) {
      tasks_[row.text("task")].push_back(row.number("id"));
      writer_.meta("thread_name", kTasks, row.number("id"), row.text("task"));
    });
  }

  std::pair<int, std::int64_t> track_of(const EventSpan& event) {
    if (event.kind != "congested" && event.kind != "writeback") {
      const auto task = tasks_.find(event.task);
      if (task == tasks_.end()) return {kTasks, 0};
      const std::size_t lane = std::min(lanes_.of(event), task->second.size() - 1);
      return {kTasks, task->second[lane]};
    }
    std::string name = event.detail;
    if (name.ends_with(":open")) name.resize(name.size() - 5);
    const auto [device, is_new] =
        devices_.try_emplace(name, static_cast<std::int64_t>(devices_.size()) + 1);
    if (is_new) writer_.meta("thread_name", kDevices, device->second, name);
    return {kDevices, device->second};
  }

  void write(const EventSpan& event) {
    const auto [group, track] = track_of(event);
    ordered_json json{{"name", event.kind}, {"cat", "numasim"}, {"pid", group}, {"tid", track}};
    ordered_json args = ordered_json::object();
    if (event.order >= 0) args["order"] = event.order;
    if (event.gfp != "-") args["gfp"] = event.gfp;
    if (event.node >= 0) args["node"] = event.node;
    if (event.value >= 0) args["value"] = event.value;
    if (event.detail != "-") args["detail"] = event.detail;
    if (!args.empty()) json["args"] = std::move(args);
    std::string dates = "\"ts\":" + microseconds(event.begin_ns) + ',';
    if (event.is_point()) {
      json["ph"] = "i";
      json["s"] = "t";
    } else {
      json["ph"] = "X";
      dates += "\"dur\":" + microseconds(event.end_ns - event.begin_ns) + ',';
    }
    writer_.write(json, dates);
  }

  std::vector<Counter> read_counters() const {
    std::vector<Counter> counters;
    for_each_row(run_, "series.csv", [&](const Row& row) {
      const std::string zone = "free pages, node " + row.text("node") + ' ' + row.text("zone");
      counters.push_back({row.number("time_ns"),
                          {{"ph", "C"},
                           {"name", zone},
                           {"pid", kZones},
                           {"args", {{"free", row.number("free_pages")}}}}});
    });
    for_each_row(run_, "devices.csv", [&](const Row& row) {
      counters.push_back(
          {row.number("time_ns"),
           {{"ph", "C"},
            {"name", "requests, " + row.text("device")},
            {"pid", kDevices},
            {"args",
             {{"read", row.number("read_requests")}, {"write", row.number("write_requests")}}}}});
    });
    std::ranges::stable_sort(counters, {}, &Counter::time_ns);
    return counters;
  }

  const std::filesystem::path& run_;
  Writer& writer_;
  Lanes lanes_;
  std::map<std::string, std::vector<std::int64_t>> tasks_;  // ids of those of one name
  std::map<std::string, std::int64_t> devices_;
};

}  // namespace

void chrome_trace(const std::filesystem::path& run,
                  const std::function<void(std::string_view)>& put) {
  Writer writer(put);
  Exporter(run, writer).all();
  writer.close();
}

}  // namespace numasim::exporting
