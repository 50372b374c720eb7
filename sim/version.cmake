# Writes OUTPUT, the definition of numasim::version(), if it would change.
# Without git, or outside a checkout, the hash is "unknown".
find_program(GIT git)
set(hash "")
if(GIT)
  execute_process(COMMAND ${GIT} -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
                  OUTPUT_VARIABLE hash ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
if(hash STREQUAL "")
  set(hash "unknown")
endif()

file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "sim/version.hpp"

numasim::Version numasim::version() {
  return {.number = "@VERSION@", .git_hash = "@hash@", .simgrid = "@SIMGRID@"};
}
]])
