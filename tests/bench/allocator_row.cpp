// allocator_row NAME SIZE: does the work of one row of the speed table, untimed, for a counter of
// instructions to look at.

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/bench/allocator_rows.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: allocator_row NAME SIZE\n");
    return 2;
  }
  for (const numasim::Row& row : numasim::kRows) {
    if (row.name != argv[1]) continue;
    numasim::BenchMachine bench;
    std::printf("%lld\n", static_cast<long long>(row.run(bench, std::atoll(argv[2])).calls));
    return 0;
  }
  std::fprintf(stderr, "allocator_row: no row %s\n", argv[1]);
  return 2;
}
