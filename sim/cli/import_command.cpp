#include "sim/cli/commands.hpp"

namespace numasim::cli {

int import_command(const Args&) { throw UsageError("import is not built yet"); }

}  // namespace numasim::cli
