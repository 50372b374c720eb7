#include "workloads/trace_stat_text.hpp"

#include <algorithm>
#include <utility>

#include "workloads/json_text.hpp"

namespace numasim::trace {
namespace {

constexpr unsigned kQuantiles[] = {50, 90, 99};
constexpr std::size_t kMostTasksShown = 20;

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string count(std::uint64_t value) { return std::to_string(value); }

/// "12 pages (48 KiB)", without a unit beyond every machine.
std::string pages(PageCount count) {
  constexpr std::int64_t kMeasurable = std::int64_t{1} << 50;  // pages; 4 EiB
  if (count.value > kMeasurable) return std::to_string(count.value) + " pages";
  const std::uint64_t kib = to_bytes(count).value / 1024;
  const bool is_large = kib >= 10 * 1024;
  return std::to_string(count.value) + " pages (" + std::to_string(is_large ? kib / 1024 : kib) +
         (is_large ? " MiB)" : " KiB)");
}

/// A title and its rows, values in one column.
void put(std::string& text, const std::string& title, const Rows& rows) {
  if (rows.empty()) return;
  text += title + '\n';
  std::size_t width = 0;
  for (const auto& [name, value] : rows) width = std::max(width, name.size());
  for (const auto& [name, value] : rows) {
    text += "  " + name + std::string(width + 2 - name.size(), ' ') + value + '\n';
  }
}

Rows summary(const TraceStatistics& all) {
  Rows rows{{"records", count(all.records)}, {"with a date", count(all.dated)}};
  if (all.in_interrupt > 0) rows.push_back({"in interrupt", count(all.in_interrupt)});
  if (all.first_date) {
    rows.push_back({"first date", std::to_string(to_ns(*all.first_date)) + " ns"});
    rows.push_back({"last date", std::to_string(to_ns(*all.last_date)) + " ns"});
    rows.push_back({"span", std::to_string(to_ns(*all.last_date - *all.first_date)) + " ns"});
  }
  rows.push_back({"peak live", pages(all.peak_live_pages)});
  rows.push_back({"peak in blocks", pages(all.peak_block_pages)});
  rows.push_back({"peak anonymous", pages(all.peak_anonymous_pages)});
  return rows;
}

Rows operations(const TraceStatistics& all) {
  Rows rows;
  for (std::size_t i = 0; i < kOperationNames.size(); ++i) {
    if (all.by_operation[i] == 0) continue;
    rows.push_back({std::string(kOperationNames[i]), count(all.by_operation[i])});
  }
  return rows;
}

Rows tasks(const TraceStatistics& all) {
  Rows rows;
  for (const auto& [name, records] : all.by_task) {
    if (rows.size() == kMostTasksShown) {
      rows.push_back({"...", std::to_string(all.by_task.size()) + " tasks in all"});
      break;
    }
    rows.push_back({name, count(records)});
  }
  return rows;
}

Rows orders(const TraceStatistics& all) {
  Rows rows;
  for (std::size_t order = 0; order < kOrders; ++order) {
    const std::uint64_t blocks = all.blocks_by_order[order];
    if (blocks == 0) continue;
    rows.push_back(
        {std::to_string(order), count(blocks) + " blocks, " + pages(pages_of(all, order))});
  }
  return rows;
}

Rows gfp(const TraceStatistics& all) {
  Rows rows;
  for (const auto& [mask, blocks] : all.blocks_by_gfp) rows.push_back({mask, count(blocks)});
  return rows;
}

Rows frees(const TraceStatistics& all) {
  Rows rows{{"freed", count(all.blocks_freed)},
            {"never freed", count(all.blocks_left)},
            {"unmatched", count(all.unmatched_frees)}};
  if (all.reused_ids > 0) rows.push_back({"ids used twice", count(all.reused_ids)});
  if (all.frees_of_start_state > 0) {
    rows.push_back({"of the start state", count(all.frees_of_start_state)});
  }
  return rows;
}

Rows lifetimes(const TraceStatistics& all) {
  Rows rows;
  for (unsigned percent : kQuantiles) {
    const auto bound = quantile_bound(all.lifetimes, percent);
    if (!bound) continue;
    rows.push_back({std::to_string(percent) + " %", "< " + std::to_string(to_ns(*bound)) + " ns"});
  }
  if (all.lifetimes_not_known > 0) {
    rows.push_back({"not known", count(all.lifetimes_not_known) + " blocks without a date"});
  }
  return rows;
}

Rows volumes(const TraceStatistics& all) {
  Rows rows;
  const auto add = [&](const char* name, std::uint64_t n) {
    if (n > 0) rows.push_back({name, pages(PageCount{static_cast<std::int64_t>(n)})});
  };
  add("touched", all.touched_pages);
  add("read", all.read_pages);
  add("written", all.written_pages);
  if (all.files > 0) rows.push_back({"files", count(all.files)});
  return rows;
}

template <class Integer>
void put(JsonText& json, const char* key, const std::optional<Integer>& value) {
  json.line_break(2).key(key);
  if (value) {
    json.number(to_ns(*value));
  } else {
    json.null();
  }
}

void put_counts(JsonText& json, const char* key, const Rows& rows) {
  json.line_break(2).key(key).begin_object();
  for (const auto& [name, value] : rows) json.line_break(4).key(name).literal(value);
  json.line_break(2).end_object();
}

void put_orders(JsonText& json, const TraceStatistics& all) {
  json.line_break(2).key("blocks_by_order").begin_array();
  std::size_t orders = kOrders;
  while (orders > 0 && all.blocks_by_order[orders - 1] == 0) --orders;
  for (std::size_t order = 0; order < orders; ++order) json.number(all.blocks_by_order[order]);
  json.end_array().line_break(2).key("pages_by_order").begin_array();
  for (std::size_t order = 0; order < orders; ++order) json.number(pages_of(all, order).value);
  json.end_array();
}

void put_lifetimes(JsonText& json, const TraceStatistics& all) {
  json.line_break(2).key("lifetimes").begin_array();
  for (std::size_t i = 0; i < all.lifetimes.size(); ++i) {
    if (all.lifetimes[i] == 0) continue;
    json.line_break(4).begin_object();
    json.member("below_ns", std::uint64_t{1} << i).member("blocks", all.lifetimes[i]).end_object();
  }
  json.line_break(2).end_array();
  json.line_break(2).member("lifetimes_not_known_blocks", all.lifetimes_not_known);
}

}  // namespace

std::string to_text(const TraceStatistics& all) {
  std::string text;
  put(text, "trace", summary(all));
  put(text, "records by operation", operations(all));
  put(text, "records by task", tasks(all));
  put(text, "blocks allocated by order", orders(all));
  put(text, "blocks allocated by gfp mask", gfp(all));
  put(text, "blocks by their end", frees(all));
  put(text, "lifetimes of blocks, by share", lifetimes(all));
  put(text, "pages of regions and files, each time", volumes(all));
  return text;
}

std::string to_json(const TraceStatistics& all) {
  std::string text;
  JsonText json(text);
  Rows by_task;
  for (const auto& [name, records] : all.by_task) by_task.push_back({name, count(records)});
  json.begin_object();
  json.line_break(2).member("records", all.records);
  json.line_break(2).member("dated_records", all.dated);
  json.line_break(2).member("interrupt_records", all.in_interrupt);
  put(json, "first_date_ns", all.first_date);
  put(json, "last_date_ns", all.last_date);
  put_counts(json, "records_by_operation", operations(all));
  put_counts(json, "records_by_task", by_task);
  put_orders(json, all);
  put_counts(json, "blocks_by_gfp", gfp(all));
  json.line_break(2).member("allocated_pages", pages_of(all).value);
  json.line_break(2).member("freed_blocks", all.blocks_freed);
  json.line_break(2).member("never_freed_blocks", all.blocks_left);
  json.line_break(2).member("unmatched_frees", all.unmatched_frees);
  json.line_break(2).member("ids_used_twice", all.reused_ids);
  json.line_break(2).member("frees_of_start_state", all.frees_of_start_state);
  json.line_break(2).member("peak_live_pages", all.peak_live_pages.value);
  json.line_break(2).member("peak_block_pages", all.peak_block_pages.value);
  json.line_break(2).member("peak_anonymous_pages", all.peak_anonymous_pages.value);
  json.line_break(2).member("touched_pages", all.touched_pages);
  json.line_break(2).member("read_pages", all.read_pages);
  json.line_break(2).member("written_pages", all.written_pages);
  json.line_break(2).member("files", all.files);
  put_lifetimes(json, all);
  json.line_break(0).end_object();
  return text + '\n';
}

}  // namespace numasim::trace
