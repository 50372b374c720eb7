#pragma once
// What a kind of generated workload can be told, each number described once: parsing, help and the
// tests' ranges come from the description.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace numasim::trace {

/// One whole number of a workload.
struct Parameter {
  std::string_view name;        // ends in its unit, as the keys of scenarios do: "gap_ns"
  std::uint64_t otherwise = 0;  // the default
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::string_view help;
};

/// The values of a table of parameters.
class Values {
 public:
  /// All defaults. Requires: the table outlives the values.
  explicit Values(std::span<const Parameter> table);

  /// Requires: the table has a parameter of this name, and the value is in its range.
  void set(std::string_view name, std::uint64_t value);
  std::uint64_t operator[](std::string_view name) const;
  /// As operator[], for what the trace format counts in pages or ns.
  std::int64_t whole(std::string_view name) const {
    return static_cast<std::int64_t>((*this)[name]);
  }

 private:
  std::size_t index_of(std::string_view name) const;

  std::span<const Parameter> table_;
  std::vector<std::uint64_t> values_;
};

}  // namespace numasim::trace
