// tryst-gen from text to every output: whatever stands in a .x and in what it includes, it ends,
// and either says what is wrong or writes headers. The input's files are separated by NUL bytes:
// the first is the interface, the others are those that it may include, as 1.x, 2.x and so on.
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/outputs.hpp"
#include "fuzz/fuzz.hpp"

using namespace tryst;

namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> files;
  for (;;) {
    const auto end = text.find('\0');
    files.emplace_back(text.substr(0, end));
    if (end == text.npos) return files;
    text.remove_prefix(end + 1);
  }
}

// "<place>.x", in whatever folder it is looked for.
idl::file_loader loader_of(std::vector<std::string> files) {
  return [files = std::move(files)](const std::string& path) -> std::optional<std::string> {
    const auto name = path.substr(path.rfind('/') + 1);
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (name == std::to_string(i) + ".x") return files[i];
    }
    return std::nullopt;
  };
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  compiler::request wanted{.files = {"0.x"},
                           .folder = "-",
                           .emit = {"header", "cpp", "json", "server", "client"},
                           .transports = {"tcp", "unix"},
                           .pass_through = true};
  wanted.preprocess.load = loader_of(split(text));
  std::ostringstream written;
  std::ostringstream said;
  const int status = compiler::run(wanted, written, said);
  fuzz::must(status == 0 || status == 1);
  if (status == 0) {
    fuzz::must(written.str().find("#pragma once") != std::string::npos);
  } else {
    fuzz::must(written.str().empty());
    fuzz::must(said.str().find("error") != std::string::npos);
  }
  return 0;
}
