#include "workloads/import_report.hpp"

namespace numasim {
namespace {

std::string listed(const std::string& title, const std::map<std::string, std::uint64_t>& counts) {
  std::string text = title + ":\n";
  for (const auto& [what, count] : counts) {
    text += "  " + std::to_string(count) + ' ' + what + '\n';
  }
  return text;
}

}  // namespace

std::string to_string(const ImportReport& report) {
  std::string text = listed("rows read", report.rows_read);
  text += listed("records written", report.records_written);
  if (!report.findings.empty()) text += listed("findings", report.findings);
  for (const std::string& remark : report.remarks) text += "note: " + remark + '\n';
  for (const auto& file : report.files) text += "wrote " + file.string() + '\n';
  return text;
}

}  // namespace numasim
