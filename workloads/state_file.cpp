#include "workloads/state_file.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "workloads/json_cursor.hpp"
#include "workloads/json_text.hpp"
#include "workloads/line_source.hpp"
#include "workloads/state_check.hpp"
#include "workloads/task_json.hpp"
#include "workloads/trace_names.hpp"

namespace numasim {
namespace {

constexpr std::uint64_t kMostPages = std::uint64_t{1} << 40;
constexpr std::uint64_t kMostNodes = 64;
constexpr std::uint64_t kMostCpus = 1024;
constexpr std::uint64_t kMostType = kMigrateTypes - 1;

PageCount read_pages(JsonCursor& json) {
  return PageCount{static_cast<std::int64_t>(json.unsigned_integer(0, kMostPages))};
}

Pfn read_pfn(JsonCursor& json) { return Pfn{json.unsigned_integer(0, kMostPages)}; }

MigrateType read_type(JsonCursor& json) {
  return static_cast<MigrateType>(json.unsigned_integer(0, kMostType));
}

Order read_order(JsonCursor& json) {
  return Order{static_cast<std::uint8_t>(json.unsigned_integer(0, kMaxOrder - 1))};
}

template <std::size_t N>
void require(JsonCursor& json, std::size_t offset, std::uint32_t seen,
             const std::array<std::string_view, N>& keys, std::size_t required) {
  for (std::size_t key = 0; key < required; ++key) {
    if ((seen >> key & 1) == 0) json.fail_missing_key(offset, keys[key]);
  }
}

FreeListState read_free_list(JsonCursor& json) {
  static constexpr std::array<std::string_view, 3> kKeys{"order", "type", "pfns"};
  const std::size_t begin = json.offset();
  FreeListState list;
  const auto seen = json.known_members(kKeys, [&](std::size_t key) {
    switch (key) {
      case 0:
        list.order = read_order(json);
        break;
      case 1:
        list.type = read_type(json);
        break;
      default:
        json.array([&] { list.blocks.push_back(read_pfn(json)); });
    }
  });
  require(json, begin, seen, kKeys, kKeys.size());
  return list;
}

ListedPage read_listed_page(JsonCursor& json) {
  const std::size_t begin = json.offset();
  ListedPage page;
  std::size_t elements = 0;
  json.array([&] {
    if (elements == 0) page.pfn = read_pfn(json);
    if (elements == 1) page.type = read_type(json);
    if (++elements > 2) json.skip_value();
  });
  if (elements != 2) json.fail_expected(begin, "a pair [pfn, type]");
  return page;
}

PerCpuListState read_per_cpu_list(JsonCursor& json) {
  static constexpr std::array<std::string_view, 3> kKeys{"high_pages", "batch_pages", "pages"};
  const std::size_t begin = json.offset();
  PerCpuListState list;
  const auto seen = json.known_members(kKeys, [&](std::size_t key) {
    switch (key) {
      case 0:
        list.high = read_pages(json);
        break;
      case 1:
        list.batch.value = static_cast<std::int64_t>(json.unsigned_integer(1, kMostPages));
        break;
      default:
        json.array([&] { list.pages.push_back(read_listed_page(json)); });
    }
  });
  require(json, begin, seen, kKeys, 2);
  return list;
}

PagesetState read_pageset(JsonCursor& json) {
  static constexpr std::array<std::string_view, 5> kKeys{"cpu", "hot", "cold", "pending_free_pages",
                                                         "expire"};
  constexpr std::int64_t kMostPending = std::numeric_limits<std::int8_t>::max();
  const std::size_t begin = json.offset();
  PagesetState pageset;
  const auto seen = json.known_members(kKeys, [&](std::size_t key) {
    switch (key) {
      case 0:
        pageset.cpu.value = static_cast<std::uint16_t>(json.unsigned_integer(0, kMostCpus - 1));
        break;
      case 1:
        pageset.hot = read_per_cpu_list(json);
        break;
      case 2:
        pageset.cold = read_per_cpu_list(json);
        break;
      case 3:
        pageset.pending_free.value = json.integer(-kMostPending - 1, kMostPending);
        break;
      default:
        pageset.expire = static_cast<int>(json.unsigned_integer(0, 3));
    }
  });
  require(json, begin, seen, kKeys, 3);
  return pageset;
}

std::vector<MigrateType> read_pageblocks(JsonCursor& json) {
  const std::size_t begin = json.offset();
  std::vector<MigrateType> types;
  for (char digit : json.string()) {
    const auto type = static_cast<unsigned>(digit - '0');
    if (type > kMostType) json.fail_expected(begin, "a digit 0 to 4 for each pageblock");
    types.push_back(static_cast<MigrateType>(type));
  }
  return types;
}

void read_lowmem_reserve(JsonCursor& json, ZoneState& zone) {
  const std::size_t begin = json.offset();
  std::size_t elements = 0;
  json.array([&] {
    const PageCount pages = read_pages(json);
    if (elements < kZoneTypes) zone.lowmem_reserve[elements] = pages;
    ++elements;
  });
  if (elements != kZoneTypes) json.fail_expected(begin, "four numbers: DMA to Movable");
}

constexpr std::array<std::string_view, 13> kZoneKeys{"node",
                                                     "zone",
                                                     "start_pfn",
                                                     "spanned_pages",
                                                     "present_pages",
                                                     "min_pages",
                                                     "low_pages",
                                                     "high_pages",
                                                     "free_pages",
                                                     "lowmem_reserve_pages",
                                                     "pageblock_types",
                                                     "free_lists",
                                                     "pagesets"};

/// Members of a zone that are one number or name.
void read_zone_figure(JsonCursor& json, std::size_t key, ZoneState& zone) {
  constexpr std::int64_t kLeastFree = -1000;  // the folded counter may lag behind
  constexpr std::array kPageMembers{&ZoneState::spanned, &ZoneState::present, &ZoneState::min,
                                    &ZoneState::low, &ZoneState::high};
  if (key == 0) {
    zone.node.value = static_cast<std::uint16_t>(json.unsigned_integer(0, kMostNodes - 1));
  } else if (key == 1) {
    zone.type = trace::read_name(json, trace::kZoneNames);
  } else if (key == 2) {
    zone.start = read_pfn(json);
  } else if (key < 8) {
    zone.*kPageMembers[key - 3] = read_pages(json);
  } else {
    zone.free.value = json.integer(kLeastFree, static_cast<std::int64_t>(kMostPages));
  }
}

ZoneState read_zone(JsonCursor& json) {
  const std::size_t begin = json.offset();
  ZoneState zone;
  const auto seen = json.known_members(kZoneKeys, [&](std::size_t key) {
    switch (key) {
      case 9:
        read_lowmem_reserve(json, zone);
        break;
      case 10:
        zone.pageblocks = read_pageblocks(json);
        break;
      case 11:
        json.array([&] { zone.free_lists.push_back(read_free_list(json)); });
        break;
      case 12:
        json.array([&] { zone.pagesets.push_back(read_pageset(json)); });
        break;
      default:
        read_zone_figure(json, key, zone);
    }
  });
  require(json, begin, seen, kZoneKeys, kZoneKeys.size());
  return zone;
}

MachineState read_machine(JsonCursor& json) {
  static constexpr std::array<std::string_view, 4> kKeys{"numasim_state", "pageblock_order",
                                                         "zones", "description"};
  json.rewind();
  const std::size_t begin = json.offset();
  MachineState state;
  const auto seen = json.known_members(kKeys, [&](std::size_t key) {
    const std::size_t value = json.offset();
    switch (key) {
      case 0:
        if (json.unsigned_integer() != kStateVersion) {
          json.fail_expected(value, "format version " + std::to_string(kStateVersion));
        }
        break;
      case 1:
        state.pageblock_order = read_order(json);
        break;
      case 2:
        json.array([&] { state.zones.push_back(read_zone(json)); });
        break;
      default:
        state.description = json.string();
    }
  });
  require(json, begin, seen, kKeys, 3);
  json.end();
  return state;
}

void put_list(JsonText& json, std::string_view name, const PerCpuListState& list) {
  json.key(name).begin_object();
  json.member("high_pages", list.high.value).member("batch_pages", list.batch.value);
  if (!list.pages.empty()) {
    json.key("pages").begin_array();
    for (const ListedPage& page : list.pages) {
      json.begin_array().number(page.pfn.value).number(index(page.type)).end_array();
    }
    json.end_array();
  }
  json.end_object();
}

void put_pageset(JsonText& json, const PagesetState& pageset) {
  json.line_break(4).begin_object().member("cpu", pageset.cpu.value);
  if (pageset.pending_free.value != 0) {
    json.member("pending_free_pages", pageset.pending_free.value);
  }
  if (pageset.expire != 0) json.member("expire", pageset.expire);
  json.line_break(5);
  put_list(json, "hot", pageset.hot);
  json.line_break(5);
  put_list(json, "cold", pageset.cold);
  json.end_object();
}

void put_free_list(JsonText& json, const FreeListState& list) {
  json.line_break(4).begin_object();
  json.member("order", list.order.value).member("type", index(list.type));
  json.key("pfns").begin_array();
  for (Pfn block : list.blocks) json.number(block.value);
  json.end_array().end_object();
}

void put_zone(JsonText& json, const ZoneState& zone) {
  json.line_break(2).begin_object();
  json.member("node", zone.node.value);
  json.member("zone", to_string(zone.type));
  json.member("start_pfn", zone.start.value);
  json.member("spanned_pages", zone.spanned.value);
  json.member("present_pages", zone.present.value);
  json.line_break(3).member("min_pages", zone.min.value);
  json.member("low_pages", zone.low.value).member("high_pages", zone.high.value);
  json.key("lowmem_reserve_pages").begin_array();
  for (PageCount pages : zone.lowmem_reserve) json.number(pages.value);
  json.end_array();
  json.member("free_pages", zone.free.value);
  std::string types;
  for (MigrateType type : zone.pageblocks) types += static_cast<char>('0' + index(type));
  json.line_break(3).member("pageblock_types", types);
  json.line_break(3).key("free_lists").begin_array();
  for (const FreeListState& list : zone.free_lists) put_free_list(json, list);
  json.end_array();
  json.line_break(3).key("pagesets").begin_array();
  for (const PagesetState& pageset : zone.pagesets) put_pageset(json, pageset);
  json.end_array().end_object();
}

}  // namespace

MachineState read_state(const std::filesystem::path& file) {
  LineSource lines(file);
  std::string text;
  while (const auto line = lines.next()) {
    text += line->text;
    text += '\n';
  }
  JsonCursor json(lines.name(), Line{.text = text, .number = 1, .ended = false});
  MachineState state = read_machine(json);
  std::vector<Problem> problems = problems_of(state);
  for (Problem& problem : problems) problem = json.located(std::move(problem));
  if (!problems.empty()) throw InputError(std::move(problems));
  return state;
}

std::string to_json(const MachineState& state) {
  std::string text;
  JsonText json(text);
  json.begin_object().member("numasim_state", kStateVersion);
  if (!state.description.empty()) json.member("description", state.description);
  json.member("pageblock_order", state.pageblock_order.value);
  json.line_break(1).key("zones").begin_array();
  for (const ZoneState& zone : state.zones) put_zone(json, zone);
  json.end_array().line_break(0).end_object();
  return text + '\n';
}

}  // namespace numasim
