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

Mapping& Mappings::file(const std::string& name, DeviceId device) {
  constexpr std::uint64_t kExtentSectors = std::uint64_t{1} << 27;  // 64 GiB apart on the device
  for (Mapping* file : files_)
    if (file->name == name) return *file;
  Mapping& file = create(Mapping::Kind::file, name);
  file.device = device;
  file.first_sector = kExtentSectors * files_.size();
  files_.push_back(&file);
  return file;
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
