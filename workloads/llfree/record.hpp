#pragma once
// The binary trace of LLFree's replay benchmark (Wrenger et al., "LLFree", USENIX ATC 2023),
// written from its description: pages of 4096 bytes, the first with a header, each other with the
// records of one CPU, 16 bytes a record.
//
// A record's fields and their widths are described; taken here, and not checked against a file
// made by LLFree, is that they follow each other from the lowest bit up, that numbers are little
// endian, that the header is three numbers of 64 bits, that the CPU is the first 32 of the 128 bits
// before a page's 255 records, and that records of zeros fill a page up.

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "allocator/gfp.hpp"
#include "allocator/units.hpp"

namespace numasim::llfree {

inline constexpr std::size_t kPage = 4096;
inline constexpr std::size_t kRecord = 16;
inline constexpr std::size_t kRecordsOfPage = kPage / kRecord - 1;
inline constexpr unsigned kTimeBits = 38, kFrameBits = 24, kOrderBits = 4, kGfpBits = 29;

struct Header {
  std::uint64_t pages = 0;  // that follow
  std::uint64_t cores = 0;
  std::uint64_t max_pfn = 0;  // frames are below
  bool operator==(const Header&) const = default;
};

/// One block taken or given back.
struct Record {
  std::uint64_t time_us = 0;
  Pfn pfn{};
  bool is_alloc = false;
  Order order{};
  std::uint32_t gfp_bits = 0;  // of Linux 6.0, and one of LLFree for the page cache
  std::uint32_t pid = 0;
  bool operator==(const Record&) const = default;
};

/// Requires: every field fits its width.
std::array<char, kRecord> to_bytes(const Record& record);
/// Requires: kRecord bytes.
Record record_from(std::span<const char> bytes);

std::array<char, kPage> to_bytes(const Header& header);
/// Requires: a page.
Header header_from(std::span<const char> page);

/// A number of `count` bytes at `bytes`, lowest first.
std::uint64_t number_from(std::span<const char> bytes, std::size_t count);
void put_number(std::span<char> bytes, std::size_t count, std::uint64_t number);

/// "__GFP_IO|__GFP_FS|0x1000000": bits of Linux 6.0 by their names there.
std::string gfp_names(std::uint32_t bits);
/// The bits of Linux 6.0 that say the same as a mask of 2.6.24; __GFP_COLD has none.
std::uint32_t gfp_bits(Gfp mask);
inline constexpr std::uint32_t kMemallocBit = 0x20000;

}  // namespace numasim::llfree
