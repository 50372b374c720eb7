#include "workloads/llfree/reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>

#include "workloads/input_error.hpp"

namespace numasim::llfree {
namespace {

constexpr std::uint64_t kMostCores = 1024;
constexpr std::uint64_t kMostPages = std::uint64_t{1} << 32;

}  // namespace

Reader::Reader(const std::filesystem::path& file)
    : name_(file.string()), bytes_(file, std::ios::binary) {
  if (!bytes_) throw FileError(name_, std::string("cannot be read: ") + std::strerror(errno));
  std::error_code error;
  const std::uintmax_t length = std::filesystem::file_size(file, error);
  if (error) throw FileError(name_, "cannot be read: its pages are read out of order");
  if (length == 0 || length % kPage != 0 || length / kPage > kMostPages) {
    fail("its length, " + std::to_string(length) + " bytes, is no whole number of pages of 4096");
  }
  std::array<char, kPage> page{};
  read_page(0, page);
  header_ = header_from(page);
  const std::uint64_t pages = length / kPage - 1;
  if (header_.cores == 0 || header_.cores > kMostCores || header_.pages > pages ||
      header_.max_pfn > std::uint64_t{1} << kFrameBits) {
    fail("no header of LLFree's at its beginning: " + std::to_string(header_.pages) + " pages, " +
         std::to_string(header_.cores) + " cores, last frame " + std::to_string(header_.max_pfn));
  }
  cpus_.resize(header_.cores);
  for (std::uint64_t number = 1; number <= pages; ++number) {
    read_page(number, page);
    const std::uint64_t cpu = number_from(page, 4);
    if (cpu >= header_.cores || number_from(std::span(page).subspan(4), 4) != 0 ||
        number_from(std::span(page).subspan(8), 8) != 0) {
      fail("page " + std::to_string(number) + " does not begin with one of its CPUs");
    }
    cpus_[cpu].pages.push_back(static_cast<std::uint32_t>(number));
  }
  for (Cpu& cpu : cpus_) advance(cpu);
}

std::optional<Reader::Entry> Reader::next(const std::function<bool(const Record&)>& fits_now) {
  using Rank = std::tuple<std::uint64_t, bool>;
  std::optional<std::size_t> best;
  Rank best_rank;
  for (std::size_t i = 0; i < cpus_.size(); ++i) {
    const auto& head = cpus_[i].head;
    if (!head || (best && head->time_us > std::get<0>(best_rank))) continue;
    const Rank rank{head->time_us, !fits_now(*head)};
    if (best && rank >= best_rank) continue;
    best = i;
    best_rank = rank;
  }
  if (!best) return std::nullopt;
  const Entry entry{static_cast<unsigned>(*best), *cpus_[*best].head};
  advance(cpus_[*best]);
  return entry;
}

void Reader::fail(const std::string& what) const {
  throw InputError(Problem{.file = name_,
                           .message = what,
                           .hint = "workloads/TRACES.md says what is expected of this format"});
}

void Reader::read_page(std::uint64_t number, std::array<char, kPage>& page) {
  bytes_.seekg(static_cast<std::streamoff>(number * kPage));
  bytes_.read(page.data(), kPage);
  if (!bytes_) throw FileError(name_, "cannot be read to its end");
}

void Reader::advance(Cpu& cpu) {
  constexpr std::array<char, kRecord> kFiller{};
  for (cpu.head.reset(); !cpu.head; ++cpu.next_record) {
    if (cpu.next_record > kRecordsOfPage) {
      if (cpu.next_page == cpu.pages.size()) return;
      read_page(cpu.pages[cpu.next_page++], cpu.page);
      cpu.next_record = 1;
    }
    const auto bytes = std::span(cpu.page).subspan(cpu.next_record * kRecord, kRecord);
    if (!std::equal(bytes.begin(), bytes.end(), kFiller.begin())) cpu.head = record_from(bytes);
  }
}

}  // namespace numasim::llfree
