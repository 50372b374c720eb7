#pragma once
// Rows of a booted kernel's recording: its stream and its events in their one global order.

#include <array>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>

#include "allocator/memory.hpp"
#include "workloads/kernel2624/stream.hpp"

namespace numasim::conform {

/// A row with its arguments as they stand.
struct MachineRow : kernel2624::Row {
  std::array<std::int64_t, 6> args{};
  /// The whole row, for messages.
  std::string text() const;
};

class MachineRows {
 public:
  /// Reads stream.tsv.gz and, when there, events.tsv.gz of a recording's folder. Every row must
  /// speak of CPUs, zones and pages of `memory`.
  MachineRows(const std::filesystem::path& folder, const Memory& memory);

  /// The next row; nothing once the stream has ended. Throws InputError.
  std::optional<MachineRow> next();
  /// The first of the rows still to come that is `wanted`, if it is not too far: another CPU may
  /// have done much in between.
  const MachineRow* find_ahead(const std::function<bool(const MachineRow&)>& wanted);

 private:
  /// One file with its next row.
  struct Source {
    Source(std::filesystem::path of, const Memory& machine)
        : file(std::move(of)), stream(file), memory(machine) {
      advance();
    }
    void advance();
    std::filesystem::path file;
    kernel2624::Stream stream;
    const Memory& memory;
    std::optional<MachineRow> head;
  };
  bool read_one();

  Source stream_;
  std::optional<Source> events_;
  std::deque<MachineRow> ahead_;
};

}  // namespace numasim::conform
