#pragma once
// An array whose memory the operating system gives when it is first written.

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "allocator/check.hpp"

namespace numasim {

/// `size` zeroed entries of a trivial type; untouched ones cost nothing.
template <class T>
class LazyArray {
 public:
  explicit LazyArray(std::uint64_t size) : size_(size) {
    void* memory = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    MM_CHECK(memory != MAP_FAILED, "bytes", bytes());
    entries_ = static_cast<T*>(memory);
  }
  ~LazyArray() { munmap(entries_, bytes()); }
  LazyArray(const LazyArray&) = delete;
  LazyArray& operator=(const LazyArray&) = delete;

  T& operator[](std::uint64_t i) { return entries_[i]; }
  const T& operator[](std::uint64_t i) const { return entries_[i]; }
  std::uint64_t size() const { return size_; }

  /// The first entry of [from, end) that may be other than zero, or `end`: those before lie in
  /// memory that the operating system was never asked for.
  std::uint64_t next_touched(std::uint64_t from, std::uint64_t end) const {
    const auto base = reinterpret_cast<std::uintptr_t>(entries_);
    while (from < end) {
      const std::uintptr_t at = (base + from * sizeof(T)) / kMemoryPage * kMemoryPage;
      const std::uintptr_t stop = base + end * sizeof(T);
      std::array<unsigned char, 64> resident{};
      const std::size_t pages =
          std::min<std::size_t>((stop - at + kMemoryPage - 1) / kMemoryPage, resident.size());
      if (mincore(reinterpret_cast<void*>(at), pages * kMemoryPage, resident.data()) != 0)
        return from;
      for (std::size_t page = 0; page < pages; ++page)
        if ((resident[page] & 1) != 0)
          return std::max(from, first_entry_at(at + page * kMemoryPage - base));
      from = first_entry_at(at + pages * kMemoryPage - base);
    }
    return end;
  }

 private:
  static constexpr std::size_t kMemoryPage = 4096;

  std::size_t bytes() const { return static_cast<std::size_t>(size_) * sizeof(T); }
  /// The entry that the byte at this offset belongs to.
  static std::uint64_t first_entry_at(std::uintptr_t offset) { return offset / sizeof(T); }

  std::uint64_t size_;
  T* entries_ = nullptr;
};

}  // namespace numasim
