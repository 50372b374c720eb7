#pragma once
// An array whose memory the operating system gives when it is first written.

#include <sys/mman.h>

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

 private:
  std::size_t bytes() const { return static_cast<std::size_t>(size_) * sizeof(T); }

  std::uint64_t size_;
  T* entries_ = nullptr;
};

}  // namespace numasim
