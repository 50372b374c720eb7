#pragma once
// AddressSanitizer must be told of each switch between stacks; nobody else.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace numasim::engine::stack_switch {

#if defined(__SANITIZE_ADDRESS__)
/// Before the switch. A stack that is left for good has no `fake_stack`.
inline void leave(void** fake_stack, const void* to_bottom, std::size_t to_size) {
  __sanitizer_start_switch_fiber(fake_stack, to_bottom, to_size);
}
/// After it, on the other stack.
inline void enter(void* fake_stack, const void** from_bottom, std::size_t* from_size) {
  __sanitizer_finish_switch_fiber(fake_stack, from_bottom, from_size);
}
#else
inline void leave(void**, const void*, std::size_t) {}
inline void enter(void*, const void**, std::size_t*) {}
#endif

}  // namespace numasim::engine::stack_switch
