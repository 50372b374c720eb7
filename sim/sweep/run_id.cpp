#include "sim/sweep/run_id.hpp"

#include <algorithm>
#include <array>
#include <boost/uuid/detail/sha1.hpp>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "sim/settings/scenario_settings.hpp"

namespace numasim::sweep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kDigits = 16;

class Sha1 {
 public:
  void add(std::string_view bytes) { sha1_.process_bytes(bytes.data(), bytes.size()); }

  std::string hexadecimal() {
    unsigned int words[5];
    sha1_.get_digest(words);
    std::string text;
    for (const unsigned int word : words)
      for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(word >> shift) & 15];
    return text;
  }

 private:
  boost::uuids::detail::sha1 sha1_;
};

std::string digest_of(const std::filesystem::path& path) {
  std::error_code ignored;  // a pipe or a device might never end
  if (!std::filesystem::is_regular_file(path, ignored)) return "unreadable";
  std::ifstream file(path, std::ios::binary);
  Sha1 sha1;
  std::vector<char> part(std::size_t{1} << 16);
  while (file) {
    file.read(part.data(), static_cast<std::streamsize>(part.size()));
    sha1.add({part.data(), static_cast<std::size_t>(file.gcount())});
  }
  return file.eof() ? sha1.hexadecimal() : "unreadable";
}

/// The settings that name a file.
const std::vector<std::string>& file_settings() {
  static const std::vector<std::string> pointers = [] {
    std::vector<std::string> found;
    for (const Setting& setting : scenario_settings())
      if (setting.kind == SettingKind::path) found.push_back(pointer_of(setting.path));
    return found;
  }();
  return pointers;
}

}  // namespace

const std::string& FileDigests::of(const std::filesystem::path& file) {
  const auto [entry, is_new] = digests_.try_emplace(file.string());
  if (is_new) entry->second = digest_of(file);
  return entry->second;
}

void FileDigests::expect(const std::filesystem::path& file, const std::string& content) {
  Sha1 sha1;
  sha1.add(content);
  digests_[file.string()] = sha1.hexadecimal();
}

std::string run_id(const Scenario& scenario, FileDigests& files) {
  Json settings = scenario_to_json(scenario);
  for (const char* without_influence : {"name", "description", "look_at"})
    settings.erase(without_influence);
  for (const std::string& pointer : file_settings()) {
    const Json::json_pointer place(pointer);
    if (!settings.contains(place)) continue;
    Json& value = settings.at(place);
    if (value.is_string() && !value.get_ref<const std::string&>().empty())
      value = files.of(value.get<std::string>());
  }
  Sha1 sha1;
  sha1.add(settings.dump());
  return sha1.hexadecimal().substr(0, kDigits);
}

}  // namespace numasim::sweep
