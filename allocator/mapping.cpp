#include "allocator/mapping.hpp"

#include "allocator/check.hpp"

namespace numasim {

Mapping& Mappings::create(Mapping::Kind kind, std::string name) {
  std::uint32_t id = static_cast<std::uint32_t>(by_id_.size());
  if (free_ids_.empty()) {
    by_id_.emplace_back();
  } else {
    id = free_ids_.back();
    free_ids_.pop_back();
  }
  by_id_[id] = std::make_unique<Mapping>();
  Mapping& mapping = *by_id_[id];
  mapping.kind = kind;
  mapping.id = id;
  mapping.name = std::move(name);
  return mapping;
}

Mapping* Mappings::find_file(const std::string& name) const {
  for (Mapping* file : files_)
    if (!file->is_block_device && file->name == name) return file;
  return nullptr;
}

Mapping& Mappings::file(const std::string& name, DeviceId device) {
  if (Mapping* found = find_file(name)) return *found;
  create_on(device, name);
  files_.back()->is_new = false;
  return *files_.back();
}

void Mappings::create_on(DeviceId device, const std::string& name) {
  MM_CHECK(find_file(name) == nullptr, "file", name);
  files_.push_back(&create(Mapping::Kind::file, name));
  files_.back()->device = device;
  files_.back()->is_new = true;
}

void Mappings::create_in_memory(const std::string& name) {
  create_on(DeviceId{0}, name);
  files_.back()->in_memory = true;
}

Mapping& Mappings::block_device(DeviceId device) {
  if (device.value >= block_devices_.size()) block_devices_.resize(device.value + 1u, nullptr);
  Mapping*& known = block_devices_[device.value];
  if (known) return *known;
  known = &create(Mapping::Kind::file, "block device " + std::to_string(device.value));
  known->device = device;
  known->is_block_device = true;
  files_.push_back(known);
  return *known;
}

void Mappings::destroy(Mapping& mapping) {
  MM_CHECK(mapping.kind == Mapping::Kind::anonymous, "mapping", mapping.name);
  const std::uint32_t id = mapping.id;
  by_id_[id].reset();
  free_ids_.push_back(id);
}

Mapping* Mappings::owner(Pfn pfn) const { return by_id_[frames_[pfn].owner].get(); }

void Mappings::attach(Mapping& mapping, PageIndex page, Pfn pfn) {
  MM_CHECK(frames_[pfn].owner == 0, "pfn", pfn.value);
  frames_[pfn].owner = mapping.id;
  page_index_[pfn.value] = page;
  mapping.set(page, pfn);
}

void Mappings::detach(Pfn pfn) {
  Mapping* mapping = owner(pfn);
  MM_CHECK(mapping != nullptr, "pfn", pfn.value);
  mapping->clear(page_index_[pfn.value]);
  frames_[pfn].owner = 0;
}

}  // namespace numasim
