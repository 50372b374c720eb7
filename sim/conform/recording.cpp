#include "sim/conform/recording.hpp"

#include <boost/iostreams/device/file.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "workloads/input_error.hpp"

namespace numasim::conform {
namespace {

bool is_gzip(std::ifstream& file) {
  const bool magic = file.get() == 0x1f && file.get() == 0x8b;
  file.clear();
  file.seekg(0);
  return magic;
}

}  // namespace

Recording::Recording(const std::string& path) : path_(path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw FileError(path + ": " + std::strerror(errno));
  if (std::filesystem::is_directory(path)) throw FileError(path + ": is a directory");
  auto in = std::make_unique<boost::iostreams::filtering_istream>();
  if (is_gzip(file)) in->push(boost::iostreams::gzip_decompressor());
  file.close();
  in->push(boost::iostreams::file_source(path, std::ios::binary));
  in_ = std::move(in);
}

Recording::~Recording() = default;

bool Recording::next() {
  do {
    std::getline(*in_, text_);
    ++line_;
    if (in_->bad()) malformed("gzip'd text", "damaged data");
    if (in_->fail()) return false;
  } while (text_.find_first_not_of(" \t\r") == std::string::npos);
  return true;
}

Json Recording::parse() const {
  try {
    return Json::parse(text_);
  } catch (const Json::parse_error& error) {
    Problem problem;
    problem.file = path_;
    problem.line = line_;
    problem.column = error.byte;
    problem.message = "not valid JSON";
    throw InputError(std::move(problem));
  }
}

void Recording::malformed(const std::string& expected, const std::string& found) const {
  Problem problem;
  problem.file = path_;
  problem.line = line_;
  problem.expected = expected;
  problem.found = found;
  throw InputError(std::move(problem));
}

}  // namespace numasim::conform
