#include "workloads/record_parser.hpp"

#include <limits>
#include <utility>

#include "workloads/trace_names.hpp"

namespace numasim::trace {
namespace {

constexpr std::array<std::string_view, kKeys> kKeyNames{
    "t",      "task",        "op",       "id",         "order",        "gfp",     "count", "node",
    "pfn",    "cold",        "region",   "first_page", "pages",        "write",   "file",  "shared",
    "policy", "duration_ns", "all_cpus", "zone",       "in_interrupt", "memalloc",
    "name",   "value",       "cpuset",   "mems",       "cpus",         "mem_exclusive",
    "cpu_exclusive",         "memory_migrate",         "memory_spread_page",
    "memory_spread_slab",    "memory_pressure_enabled", "who",         "move",    "from",  "to",
    "records", "directory", "first_name", "names", "device"};

constexpr std::uint64_t kMostNs = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kMostPages = std::uint64_t{1} << 52;
constexpr std::uint64_t kMostNodes = 64;
constexpr std::uint64_t kMostOrder = 30;  // orders from MAX_ORDER on are legal: they fail

template <class... Keys>
constexpr std::uint64_t keys(Keys... some) {
  return ((std::uint64_t{1} << static_cast<unsigned>(some)) | ... | 0u);
}

constexpr std::uint64_t kCommonKeys =
    keys(Key::t, Key::task, Key::op, Key::in_interrupt, Key::memalloc);

/// Keys each operation may have beyond the common ones, in the order of kOperationNames.
constexpr std::array<std::uint64_t, kOperationNames.size()> kOperationKeys{
    keys(Key::id, Key::count, Key::order, Key::gfp, Key::node),
    keys(Key::id, Key::count, Key::cold, Key::pfn, Key::order),
    keys(Key::region, Key::pages, Key::file, Key::shared, Key::policy, Key::device),
    keys(Key::region, Key::first_page, Key::pages, Key::write),
    keys(Key::region),
    keys(Key::file, Key::first_page, Key::pages, Key::device),
    keys(Key::file, Key::first_page, Key::pages, Key::device),
    keys(Key::duration_ns),
    keys(Key::duration_ns),
    keys(),
    keys(Key::all_cpus),
    keys(),
    keys(Key::node, Key::zone),
    keys(Key::name, Key::value),
    keys(Key::cpuset, Key::mems, Key::cpus, Key::mem_exclusive, Key::cpu_exclusive,
         Key::memory_migrate, Key::memory_spread_page, Key::memory_spread_slab,
         Key::memory_pressure_enabled),
    keys(Key::who, Key::cpuset),
    keys(Key::policy),
    keys(Key::region, Key::policy, Key::move),
    keys(Key::who, Key::from, Key::to),
    keys(),
    keys(Key::who, Key::value),
    keys(Key::who, Key::value),
    keys(Key::who, Key::records),
    keys(Key::directory, Key::first_name, Key::names)};

constexpr std::size_t kTaskRecord = kOperationNames.size();

std::vector<std::string_view> names_of(std::uint64_t set) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kKeys; ++i) {
    if (set >> i & 1) names.push_back(kKeyNames[i]);
  }
  return names;
}

std::vector<std::string_view> gfp_names() {
  std::vector<std::string_view> names;
  for (const NamedGfp& group : kGfpGroups) names.push_back(group.name);
  for (const NamedGfp& single : kGfpFlags) names.push_back(single.name);
  return names;
}

/// The first name of "A|B|C" that is none, for the hint.
std::string unknown_gfp_name(std::string_view mask) {
  while (!mask.empty()) {
    const std::string_view name = mask.substr(0, mask.find('|'));
    if (!parse_gfp(name)) return did_you_mean(name, gfp_names());
    mask.remove_prefix(std::min(name.size() + 1, mask.size()));
  }
  return {};
}

}  // namespace

bool TaskTable::add(TaskDeclaration task, TaskPlace place) {
  const auto [entry, is_new] =
      index_.try_emplace(task.name, static_cast<std::uint32_t>(tasks_.size()));
  if (!is_new) return false;
  tasks_.push_back(std::move(task));
  places_.push_back(std::move(place));
  return true;
}

std::optional<std::uint32_t> TaskTable::find(std::string_view name) {
  if (latest_ < tasks_.size() && tasks_[latest_].name == name) return latest_;
  const auto found = index_.find(name);
  if (found == index_.end()) return std::nullopt;
  latest_ = found->second;
  return latest_;
}

std::optional<Record> RecordParser::parse(const std::string& file, const Line& line,
                                          TaskTable& tasks) {
  JsonCursor json(file, line);
  find_members(json);
  const std::size_t kind = operation_kind(json);
  if (kind == kTaskRecord) {
    json.rewind();
    TaskPlace place{.line = line.number};
    TaskDeclaration task = read_declaration(json, place);
    if (!tasks.add(std::move(task), std::move(place))) {
      json.seek_member("name", object_offset_);
      json.fail(object_offset_, "a task of this name is declared already");
    }
    return std::nullopt;
  }
  refuse_keys_outside(json, kCommonKeys | kOperationKeys[kind], kind);

  Record record;
  record.position = {line.number, object_offset_ + 1};
  go_to(json, Key::task);
  const std::size_t name_offset = json.offset();
  const std::string name = json.string();
  const auto task = tasks.find(name);
  if (!task) {
    std::vector<std::string_view> declared;
    for (const TaskDeclaration& known : tasks.all()) declared.push_back(known.name);
    json.fail_expected(name_offset, "a declared task", did_you_mean(name, declared));
  }
  record.task = *task;
  if (has(Key::t)) {
    const auto ns = static_cast<std::int64_t>(number(json, Key::t, 0, kMostNs));
    record.not_before = SimTime(SimDuration(ns));
  }
  record.in_interrupt = flag_or(json, Key::in_interrupt, false);
  record.memalloc = flag_or(json, Key::memalloc, false);
  record.operation = operation(json, kind);
  return record;
}

std::uint64_t RecordParser::column_of(std::string_view key) const {
  for (std::size_t i = 0; i < kKeys; ++i) {
    if (kKeyNames[i] == key && has(static_cast<Key>(i))) return value_offset_[i] + 1;
  }
  return 0;
}

/// First pass over a line: where each known key's value stands. What other keys there are is
/// judged when the operation is known.
void RecordParser::find_members(JsonCursor& json) {
  seen_ = 0;
  unknown_key_.reset();
  json.rewind();
  object_offset_ = json.offset();
  json.object([&](std::string_view key, std::size_t key_offset) {
    std::size_t index = 0;
    while (index < kKeys && kKeyNames[index] != key) ++index;
    const std::size_t value = json.offset();
    json.skip_value();
    if (index == kKeys) {
      if (!unknown_key_) unknown_key_ = UnknownKey{std::string(key), key_offset};
      return;
    }
    if (has(static_cast<Key>(index))) json.fail(key_offset, "this key stands here twice");
    seen_ |= KeySet{1} << index;
    value_offset_[index] = value;
    key_offset_[index] = key_offset;
  });
  json.end();
}

std::size_t RecordParser::operation_kind(JsonCursor& json) const {
  go_to(json, Key::op);
  const std::size_t begin = json.offset();
  const std::string op = json.string();
  if (op == "task") return kTaskRecord;
  for (std::size_t kind = 0; kind < kOperationNames.size(); ++kind) {
    if (kOperationNames[kind] == op) return kind;
  }
  std::vector<std::string_view> known(kOperationNames.begin(), kOperationNames.end());
  known.push_back("task");
  json.fail_expected(begin, "an operation", did_you_mean(op, known));
}

void RecordParser::refuse_keys_outside(JsonCursor& json, KeySet allowed, std::size_t kind) const {
  const KeySet refused = seen_ & ~allowed;
  if (refused == 0 && !unknown_key_) return;
  UnknownKey first = unknown_key_.value_or(UnknownKey{{}, std::string::npos});
  for (std::size_t i = 0; i < kKeys; ++i) {
    if ((refused >> i & 1) == 0 || key_offset_[i] > first.offset) continue;
    first = UnknownKey{std::string(kKeyNames[i]), key_offset_[i]};
  }
  json.seek_member(first.text, first.offset);
  const std::string op(kOperationNames[kind]);
  json.fail(first.offset, "unknown key for the operation \"" + op + "\"",
            did_you_mean(first.text, names_of(allowed)));
}

void RecordParser::go_to(JsonCursor& json, Key key) const {
  const auto index = static_cast<std::size_t>(key);
  if (!has(key)) {
    json.rewind();
    json.fail_missing_key(object_offset_, kKeyNames[index]);
  }
  json.seek_member(kKeyNames[index], value_offset_[index]);
}

std::uint64_t RecordParser::number(JsonCursor& json, Key key, std::uint64_t min,
                                   std::uint64_t max) const {
  go_to(json, key);
  return json.unsigned_integer(min, max);
}

std::uint64_t RecordParser::number_or(JsonCursor& json, Key key, std::uint64_t fallback,
                                      std::uint64_t min, std::uint64_t max) const {
  return has(key) ? number(json, key, min, max) : fallback;
}

bool RecordParser::flag_or(JsonCursor& json, Key key, bool fallback) const {
  if (!has(key)) return fallback;
  go_to(json, key);
  return json.boolean();
}

std::string RecordParser::text(JsonCursor& json, Key key) const {
  go_to(json, key);
  const std::size_t begin = json.offset();
  std::string value = json.string();
  if (value.empty()) json.fail(begin, "must not be empty");
  return value;
}

std::string RecordParser::device(JsonCursor& json) const {
  return has(Key::device) ? text(json, Key::device) : std::string{};
}

PageCount RecordParser::pages(JsonCursor& json) const {
  return PageCount{static_cast<std::int64_t>(number(json, Key::pages, 1, kMostPages))};
}

PageCount RecordParser::first_page(JsonCursor& json) const {
  const auto first = number_or(json, Key::first_page, 0, 0, kMostPages);
  return PageCount{static_cast<std::int64_t>(first)};
}

SimDuration RecordParser::duration(JsonCursor& json) const {
  return SimDuration(static_cast<std::int64_t>(number(json, Key::duration_ns, 0, kMostNs)));
}

Order RecordParser::order(JsonCursor& json) const {
  return Order{static_cast<std::uint8_t>(number_or(json, Key::order, 0, 0, kMostOrder))};
}

Gfp RecordParser::gfp(JsonCursor& json) {
  if (!has(Key::gfp)) return GFP_KERNEL;
  go_to(json, Key::gfp);
  const std::size_t begin = json.offset();
  if (!json.at_string()) {
    const auto bits = json.unsigned_integer(0, UINT32_MAX);
    const auto mask = parse_gfp(std::to_string(bits));
    if (!mask) json.fail_expected(begin, "a GFP mask", "it has a bit that 2.6.24 does not use");
    return *mask;
  }
  const std::string text = json.string();
  if (text == latest_gfp_text_) return latest_gfp_;
  const auto mask = parse_gfp(text);
  if (!mask) json.fail_expected(begin, "GFP names joined by '|'", unknown_gfp_name(text));
  latest_gfp_text_ = text;
  latest_gfp_ = *mask;
  return *mask;
}

Operation RecordParser::operation(JsonCursor& json, std::size_t kind) {
  switch (kind) {
    case 0:
      return alloc(json);
    case 1:
      return free(json);
    case 2:
      return map(json);
    case 3:
      return Touch{.region = text(json, Key::region),
                   .first = first_page(json),
                   .count = pages(json),
                   .write = flag_or(json, Key::write, true)};
    case 4:
      return Unmap{text(json, Key::region)};
    case 5:
      return Read{text(json, Key::file), first_page(json), pages(json), device(json)};
    case 6:
      return Write{text(json, Key::file), first_page(json), pages(json), device(json)};
    case 7:
      return Compute{duration(json)};
    case 8:
      return Sleep{duration(json)};
    case 9:
      return Exit{};
    case 10:
      return Drain{flag_or(json, Key::all_cpus, false)};
    case 11:
      return RefreshVmStats{};
    case 12:
      return trim_pageset(json);
    default:
      return settings_operation(json, kind);
  }
}

Alloc RecordParser::alloc(JsonCursor& json) {
  Alloc alloc;
  alloc.id = number(json, Key::id, 0, UINT64_MAX);
  alloc.count = number_or(json, Key::count, 1, 1, UINT64_MAX - alloc.id);
  alloc.order = order(json);
  alloc.gfp = gfp(json);
  if (has(Key::node)) {
    const auto node = number(json, Key::node, 0, kMostNodes - 1);
    alloc.node = NodeId{static_cast<std::uint16_t>(node)};
  }
  return alloc;
}

Free RecordParser::free(JsonCursor& json) const {
  Free free;
  free.cold = flag_or(json, Key::cold, false);
  const bool of_start_state = has(Key::pfn);
  for (Key key : {Key::id, Key::count, Key::order}) {
    const bool belongs = of_start_state ? key == Key::order : key != Key::order;
    if (!has(key) || belongs) continue;
    go_to(json, key);
    json.fail(json.offset(), of_start_state
                                 ? "a block of the start state has a pfn and an order, no id"
                                 : "the order is that of the block allocated under this id");
  }
  if (of_start_state) {
    free.pfn = Pfn{number(json, Key::pfn, 0, kMostPages)};
    free.order = order(json);
    return free;
  }
  free.id = number(json, Key::id, 0, UINT64_MAX);
  free.count = number_or(json, Key::count, 1, 1, UINT64_MAX - free.id);
  return free;
}

Map RecordParser::map(JsonCursor& json) const {
  Map map;
  map.region = text(json, Key::region);
  map.length = pages(json);
  if (has(Key::file)) map.file = text(json, Key::file);
  map.shared = flag_or(json, Key::shared, false);
  if (has(Key::policy)) {
    go_to(json, Key::policy);
    map.policy = read_policy(json);
  }
  map.device = device(json);
  if (!map.device.empty() && map.file.empty())
    json.fail(value_offset_[static_cast<std::size_t>(Key::device)],
              "only a region of a file lies on a device");
  return map;
}

TrimPageset RecordParser::trim_pageset(JsonCursor& json) const {
  TrimPageset trim;
  trim.node.value = static_cast<std::uint16_t>(number(json, Key::node, 0, kMostNodes - 1));
  go_to(json, Key::zone);
  trim.zone = read_name(json, kZoneNames);
  return trim;
}

}  // namespace numasim::trace
