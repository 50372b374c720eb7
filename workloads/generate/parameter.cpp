#include "workloads/generate/parameter.hpp"

#include "allocator/check.hpp"

namespace numasim::trace {

Values::Values(std::span<const Parameter> table) : table_(table) {
  for (const Parameter& parameter : table) values_.push_back(parameter.otherwise);
}

void Values::set(std::string_view name, std::uint64_t value) {
  const std::size_t index = index_of(name);
  const Parameter& parameter = table_[index];
  MM_CHECK(parameter.least <= value && value <= parameter.most, name, value);
  values_[index] = value;
}

std::uint64_t Values::operator[](std::string_view name) const { return values_[index_of(name)]; }

std::size_t Values::index_of(std::string_view name) const {
  std::size_t index = 0;
  while (index < table_.size() && table_[index].name != name) ++index;
  MM_CHECK(index < table_.size(), "no parameter", name);
  return index;
}

}  // namespace numasim::trace
