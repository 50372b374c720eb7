#include "sim/conform/families.hpp"

namespace numasim::conform {

std::string case_name(const Json& record, std::int64_t number) {
  const auto name = record.find("case");
  if (name == record.end()) return std::to_string(number);
  return name->is_string() ? name->get<std::string>() : name->dump();
}

void for_each_case(Recording& recording, const Json& header, Verdicts& verdicts,
                   const std::function<std::optional<Difference>(const Json&)>& replay) {
  std::int64_t number = 0;
  for (; !verdicts.enough() && recording.next(); ++number) {
    const Json record = recording.parse();
    const std::string name = case_name(record, number);
    if (verdicts.wants(name)) verdicts.judge(recording.where(), name, replay(record));
  }
  const std::int64_t promised = header.value("cases", number);
  if (!verdicts.enough() && number < promised)
    recording.malformed(std::to_string(promised) + " cases", std::to_string(number));
}

}  // namespace numasim::conform
