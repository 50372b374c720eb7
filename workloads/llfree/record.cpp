#include "workloads/llfree/record.hpp"

#include <algorithm>
#include <string_view>

#include "allocator/check.hpp"

namespace numasim::llfree {
namespace {

__extension__ typedef unsigned __int128 Bits;

struct NamedBit {
  std::uint32_t bit;
  std::string_view name;
};

constexpr NamedBit kBits[] = {{0x1, "__GFP_DMA"},
                              {0x2, "__GFP_HIGHMEM"},
                              {0x4, "__GFP_DMA32"},
                              {0x8, "__GFP_MOVABLE"},
                              {0x10, "__GFP_RECLAIMABLE"},
                              {0x20, "__GFP_HIGH"},
                              {0x40, "__GFP_IO"},
                              {0x80, "__GFP_FS"},
                              {0x100, "__GFP_ZERO"},
                              {0x200, "__GFP_ATOMIC"},
                              {0x400, "__GFP_DIRECT_RECLAIM"},
                              {0x800, "__GFP_KSWAPD_RECLAIM"},
                              {0x1000, "__GFP_WRITE"},
                              {0x2000, "__GFP_NOWARN"},
                              {0x4000, "__GFP_RETRY_MAYFAIL"},
                              {0x8000, "__GFP_NOFAIL"},
                              {0x10000, "__GFP_NORETRY"},
                              {kMemallocBit, "__GFP_MEMALLOC"},
                              {0x40000, "__GFP_COMP"},
                              {0x80000, "__GFP_NOMEMALLOC"},
                              {0x100000, "__GFP_HARDWALL"},
                              {0x200000, "__GFP_THISNODE"},
                              {0x400000, "__GFP_ACCOUNT"},
                              {0x800000, "__GFP_ZEROTAGS"}};

struct Translation {
  Gfp mask;
  std::uint32_t bits;
};

constexpr Translation kTranslations[] = {{__GFP_DMA, 0x1},           {__GFP_HIGHMEM, 0x2},
                                         {__GFP_DMA32, 0x4},         {__GFP_MOVABLE, 0x8},
                                         {__GFP_RECLAIMABLE, 0x10},  {__GFP_HIGH, 0x20},
                                         {__GFP_IO, 0x40},           {__GFP_FS, 0x80},
                                         {__GFP_ZERO, 0x100},        {__GFP_WAIT, 0x400},
                                         {__GFP_NOWARN, 0x2000},     {__GFP_REPEAT, 0x4000},
                                         {__GFP_NOFAIL, 0x8000},     {__GFP_NORETRY, 0x10000},
                                         {__GFP_COMP, 0x40000},      {__GFP_NOMEMALLOC, 0x80000},
                                         {__GFP_HARDWALL, 0x100000}, {__GFP_THISNODE, 0x200000}};

}  // namespace

std::uint64_t number_from(std::span<const char> bytes, std::size_t count) {
  std::uint64_t number = 0;
  for (std::size_t i = count; i > 0; --i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return number;
}

void put_number(std::span<char> bytes, std::size_t count, std::uint64_t number) {
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(number >> 8 * i & 0xFF);
}

std::array<char, kRecord> to_bytes(const Record& record) {
  Bits all = 0;
  unsigned at = 0;
  const auto put = [&](std::uint64_t value, unsigned width) {
    MM_CHECK(value >> width == 0, value, width);
    all |= static_cast<Bits>(value) << at;
    at += width;
  };
  put(record.time_us, kTimeBits);
  put(record.pfn.value, kFrameBits);
  put(record.is_alloc ? 1 : 0, 1);
  put(record.order.value, kOrderBits);
  put(record.gfp_bits, kGfpBits);
  put(record.pid, 32);
  std::array<char, kRecord> bytes{};
  put_number(std::span(bytes).first(8), 8, static_cast<std::uint64_t>(all));
  put_number(std::span(bytes).last(8), 8, static_cast<std::uint64_t>(all >> 64));
  return bytes;
}

Record record_from(std::span<const char> bytes) {
  Bits all = number_from(bytes.subspan(8), 8);
  all = all << 64 | number_from(bytes, 8);
  const auto take = [&](unsigned width) {
    const auto value = static_cast<std::uint64_t>(all & ((Bits{1} << width) - 1));
    all >>= width;
    return value;
  };
  Record record;
  record.time_us = take(kTimeBits);
  record.pfn = Pfn{take(kFrameBits)};
  record.is_alloc = take(1) == 1;
  record.order = Order{static_cast<std::uint8_t>(take(kOrderBits))};
  record.gfp_bits = static_cast<std::uint32_t>(take(kGfpBits));
  record.pid = static_cast<std::uint32_t>(take(32));
  return record;
}

std::array<char, kPage> to_bytes(const Header& header) {
  std::array<char, kPage> page{};
  put_number(page, 8, header.pages);
  put_number(std::span(page).subspan(8), 8, header.cores);
  put_number(std::span(page).subspan(16), 8, header.max_pfn);
  return page;
}

Header header_from(std::span<const char> page) {
  return {.pages = number_from(page, 8),
          .cores = number_from(page.subspan(8), 8),
          .max_pfn = number_from(page.subspan(16), 8)};
}

std::string gfp_names(std::uint32_t bits) {
  std::string names;
  const auto add = [&](std::string_view name) {
    if (!names.empty()) names += '|';
    names += name;
  };
  for (const NamedBit& named : kBits) {
    if (bits & named.bit) add(named.name);
    bits &= ~named.bit;
  }
  for (unsigned i = 0; i < 32; ++i) {
    if (bits >> i & 1) add("bit" + std::to_string(i));
  }
  return names.empty() ? "none" : names;
}

std::uint32_t gfp_bits(Gfp mask) {
  constexpr std::uint32_t kWakeKswapd = 0x800;  // which needs no flag in 2.6.24
  std::uint32_t bits = kWakeKswapd;
  for (const Translation& translation : kTranslations) {
    if (mask.has(translation.mask)) bits |= translation.bits;
  }
  return bits;
}

}  // namespace numasim::llfree
