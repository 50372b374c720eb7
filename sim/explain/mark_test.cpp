#include "sim/explain/mark_test.hpp"

namespace numasim::explain {

MarkTest take_apart(const MarkQuestion& question) {
  MarkTest test;
  test.mark = question.mark.value;
  if (question.flags & ALLOC_HIGH) test.mark -= test.mark / 2;
  if (question.flags & ALLOC_HARDER) test.mark -= test.mark / 4;
  test.reserve = question.lowmem_reserve.value;
  test.left = question.free.value - question.order.pages().value + 1;
  test.needed = test.mark + test.reserve;
  test.ok = test.left > test.needed;
  std::int64_t mark = test.mark;
  for (std::uint8_t k = 0; k < question.order.value && test.ok; ++k) {
    test.left -= question.blocks[k] << k;
    mark >>= 1;
    test.needed = mark;
    test.at = Order{static_cast<std::uint8_t>(k + 1)};
    test.ok = test.left > test.needed;
  }
  return test;
}

}  // namespace numasim::explain
