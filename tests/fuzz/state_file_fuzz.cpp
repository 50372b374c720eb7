// No bytes make the state reader do anything but hand out a state or throw InputError; a state it
// accepts is written and read back without loss.

#include "tests/fuzz/input_file.hpp"
#include "workloads/state_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const numasim::fuzz::InputFile file(bytes, count);
  try {
    const std::string text = to_json(numasim::read_state(file.path()));
    const numasim::fuzz::InputFile again(reinterpret_cast<const std::uint8_t*>(text.data()),
                                         text.size());
    MM_CHECK(to_json(numasim::read_state(again.path())) == text, "state", text);
  } catch (const numasim::InputError&) {
  }
  return 0;
}
