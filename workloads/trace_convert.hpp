#pragma once
// From one form of a trace to another.

#include <filesystem>

#include "workloads/import_report.hpp"

namespace numasim::trace {

enum class TraceForm : std::uint8_t { json_lines, llfree };

/// By the ending of its name: ".llfree", or else JSON Lines, compressed or not.
TraceForm form_of(const std::filesystem::path& file);

/// Writes what `from` says to `to`, in constant memory but for what LLFree's form asks for; "-" is
/// standard input or output. JSON Lines come out with the keys in our order and defaults left out;
/// what is written may be written again without change. Throws InputError with the place of what
/// cannot be converted; then there is no file `to`.
ImportReport convert(const std::filesystem::path& from, TraceForm from_form,
                     const std::filesystem::path& to, TraceForm to_form);

}  // namespace numasim::trace
