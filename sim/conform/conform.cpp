#include "sim/conform/conform.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <iostream>
#include <variant>

#include "sim/conform/families.hpp"
#include "workloads/input_error.hpp"

namespace numasim {
namespace conform {
namespace {

struct Family {
  std::string_view name;
  void (*replay)(Recording&, const Json& header, Verdicts&);
};

constexpr Family kFamilies[] = {
    {"setup", replay_setup},     {"watermark", replay_watermark}, {"cpuset", replay_cpuset},
    {"rmqueue", replay_rmqueue}, {"slowpath", replay_slowpath},
};

const Family* find_family(const std::string& name) {
  const auto* found = std::ranges::find(kFamilies, name, &Family::name);
  return found == std::end(kFamilies) ? nullptr : found;
}

std::vector<std::string_view> family_names() {
  std::vector<std::string_view> names;
  for (const Family& family : kFamilies) names.push_back(family.name);
  return names;
}

/// "[json.exception.type_error.302] type must be number" without its number.
std::string plain_message(const Json::exception& error) {
  const std::string text = error.what();
  const std::size_t end = text.find("] ");
  return end == std::string::npos ? text : text.substr(end + 2);
}

void replay_recording(Recording& recording, Verdicts& verdicts) {
  const std::string what = "a header line with \"header\" and \"family\"";
  if (!recording.next()) recording.malformed(what, "nothing");
  const Json header = recording.parse();
  if (!header.is_object() || !header.contains("header") || !header.contains("family"))
    recording.malformed(what, recording.text().substr(0, 60));
  const std::string name = header.at("family").get<std::string>();
  if (!verdicts.wants_family(name)) return;
  const Family* family = find_family(name);
  if (!family)
    recording.malformed("a known family", '"' + name + '"' + did_you_mean(name, family_names()));
  family->replay(recording, header, verdicts);
}

}  // namespace

void replay_file(const std::string& path, Verdicts& verdicts) {
  Recording recording(path);
  try {
    replay_recording(recording, verdicts);
  } catch (const Json::exception& error) {
    recording.malformed("a record of the family's format", plain_message(error));
  } catch (const std::out_of_range& error) {
    recording.malformed("a record that fits the machine", error.what());
  } catch (const InputError& error) {
    Problem problem = error.problems().front();
    if (!problem.file.empty()) throw;
    problem.file = recording.where();
    throw InputError(std::move(problem));
  }
}

}  // namespace conform

namespace {

constexpr std::string_view kUsage =
    "usage: numasim conform [--family NAME] [--case NAME] [--stop-after N] FILE...\n"
    "Replays recorded decisions of the kernel against the allocator core.\n";

struct ConformRequest {
  conform::Selection selection;
  std::vector<std::string> files;
};

/// Reads the command line; prints what is wrong or asked and returns the exit code instead.
std::variant<ConformRequest, int> read_request(const std::vector<std::string>& args) {
  namespace po = boost::program_options;
  ConformRequest request;
  po::options_description options("Options");
  std::string family, case_name;
  std::int64_t stop_after = 0;
  options.add_options()("family", po::value(&family), "only recordings of this family")(
      "case", po::value(&case_name), "only this case: its name or number, or a stream's name")(
      "stop-after", po::value(&stop_after), "stop after this many failed cases")("help,h",
                                                                                 "print this text");
  po::options_description all;
  all.add(options).add_options()("file", po::value(&request.files));
  po::variables_map given;
  try {
    const po::positional_options_description files =
        po::positional_options_description().add("file", -1);
    po::store(po::command_line_parser(args).options(all).positional(files).run(), given);
    po::notify(given);
  } catch (const po::error& error) {
    std::cerr << "numasim conform: " << error.what() << '\n' << kUsage << options;
    return 2;
  }
  if (given.contains("help")) {
    std::cout << kUsage << options;
    return 0;
  }
  if (request.files.empty()) {
    std::cerr << "numasim conform: no file given\n" << kUsage << options;
    return 2;
  }
  if (given.contains("family")) request.selection.family = family;
  if (given.contains("case")) request.selection.case_name = case_name;
  if (given.contains("stop-after")) request.selection.stop_after = stop_after;
  return request;
}

}  // namespace

int run_conform(const std::vector<std::string>& args) {
  const auto request = read_request(args);
  if (const int* code = std::get_if<int>(&request)) return *code;
  const auto& [selection, files] = std::get<ConformRequest>(request);
  conform::Verdicts verdicts(selection, std::cout);
  try {
    for (const std::string& file : files)
      if (!verdicts.enough()) conform::replay_file(file, verdicts);
  } catch (const FileError& error) {
    std::cerr << "numasim conform: " << error.what() << '\n';
    return 4;
  } catch (const InputError& error) {
    std::cerr << "numasim conform: " << error.what() << '\n';
    return 3;
  }
  std::cout << verdicts.passes() << " passed, " << verdicts.failures() << " failed\n";
  return verdicts.failures() > 0 ? 1 : 0;
}

}  // namespace numasim
