#include "device_services.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

namespace vxi11_example {
namespace {

constexpr std::size_t most_links = 64;
constexpr std::uint32_t most_input = 65536;  // bytes of a message, and so of a write

// IEEE 488.2 §11.2: bits of the status byte. The second one is SCPI's.
constexpr std::uint8_t message_available = 0x10;
constexpr std::uint8_t errors_available = 0x04;

bool is_set(vxi11::Device_Flags flags, std::int32_t flag) { return (flags & flag) != 0; }

}  // namespace

vxi11::Device_Link links::make(std::stop_token connection) {
  std::erase_if(all_, [](const auto& each) { return each.second.connection.stop_requested(); });
  if (all_.size() == most_links) return 0;
  do {
    last_ = last_ == std::numeric_limits<vxi11::Device_Link>::max() ? 1 : last_ + 1;
  } while (all_.contains(last_));
  all_.emplace(last_, link{.connection = std::move(connection), .input = {}, .output = {}});
  return last_;
}

link* links::find(vxi11::Device_Link id, const std::stop_token& connection) {
  const auto found = all_.find(id);
  return found != all_.end() && found->second.connection == connection ? &found->second : nullptr;
}

bool links::has(vxi11::Device_Link id) const {
  const auto found = all_.find(id);
  return found != all_.end() && !found->second.connection.stop_requested();
}

bool links::end(vxi11::Device_Link id, const std::stop_token& connection) {
  return find(id, connection) != nullptr && all_.erase(id) == 1;
}

vxi11::Create_LinkResp device_core::create_link(const info& call,
                                                const vxi11::Create_LinkParms& asked) {
  if (asked.device != "inst0") return {.error = vxi11::DEVICE_NOT_ACCESSIBLE};
  if (asked.lockDevice) return {.error = vxi11::DEVICE_OPERATION_NOT_SUPPORTED};
  const auto id = links_->make(call.connection_lost());
  if (id == 0) return {.error = vxi11::DEVICE_OUT_OF_RESOURCES};
  return {.error = vxi11::DEVICE_NO_ERROR,
          .lid = id,
          .abortPort = abort_port_,
          .maxRecvSize = most_input};
}

vxi11::Device_WriteResp device_core::device_write(const info& call,
                                                  const vxi11::Device_WriteParms& written) {
  auto* to = links_->find(written.lid, call.connection_lost());
  if (to == nullptr) return {.error = vxi11::DEVICE_INVALID_LINK};
  if (!to->output.empty()) {
    to->output.clear();
    device_->note(scpi_error::query_interrupted);
  }
  if (written.data.size() > most_input - to->input.size()) {
    to->input.clear();
    device_->note(scpi_error::input_overrun);
    return {.error = vxi11::DEVICE_PARAMETER_ERROR};
  }
  std::ranges::transform(written.data, std::back_inserter(to->input),
                         [](std::byte b) { return static_cast<char>(b); });
  if (is_set(written.flags, vxi11::FLAG_END)) {
    to->output = device_->carry_out(std::exchange(to->input, {}));
  }
  return {.error = vxi11::DEVICE_NO_ERROR, .size = static_cast<std::uint32_t>(written.data.size())};
}

vxi11::Device_ReadResp device_core::device_read(const info& call,
                                                const vxi11::Device_ReadParms& asked) {
  auto* from = links_->find(asked.lid, call.connection_lost());
  if (from == nullptr) return {.error = vxi11::DEVICE_INVALID_LINK};
  if (from->output.empty()) {
    // No answer is on its way: there is nothing to spend io_timeout on.
    device_->note(scpi_error::query_unterminated);
    return {.error = vxi11::DEVICE_IO_TIMEOUT};
  }
  const std::string_view output = from->output;
  auto length = std::min<std::size_t>(asked.requestSize, output.size());
  vxi11::Device_ReadResp read{};
  if (is_set(asked.flags, vxi11::FLAG_TERMCHRSET)) {
    const auto end = output.substr(0, length).find(static_cast<char>(asked.termChar));
    if (end != output.npos) {
      length = end + 1;
      read.reason |= vxi11::REASON_CHR;
    }
  }
  if (length == asked.requestSize) read.reason |= vxi11::REASON_REQCNT;
  if (length == output.size()) read.reason |= vxi11::REASON_END;
  const auto bytes = std::as_bytes(std::span{output.substr(0, length)});
  read.data.assign(bytes.begin(), bytes.end());
  from->output.erase(0, length);
  return read;
}

vxi11::Device_ReadStbResp device_core::device_readstb(const info& call,
                                                      const vxi11::Device_GenericParms& of) {
  const auto* asked = links_->find(of.lid, call.connection_lost());
  if (asked == nullptr) return {.error = vxi11::DEVICE_INVALID_LINK};
  unsigned status = 0;
  if (!asked->output.empty()) status |= message_available;
  if (device_->has_errors()) status |= errors_available;
  return {.error = vxi11::DEVICE_NO_ERROR, .stb = static_cast<std::uint8_t>(status)};
}

vxi11::Device_Error device_core::device_clear(const info& call,
                                              const vxi11::Device_GenericParms& of) {
  auto* cleared = links_->find(of.lid, call.connection_lost());
  if (cleared == nullptr) return {vxi11::DEVICE_INVALID_LINK};
  cleared->input.clear();
  cleared->output.clear();
  return {vxi11::DEVICE_NO_ERROR};
}

vxi11::Device_Error device_core::destroy_link(const info& call, vxi11::Device_Link id) {
  return {links_->end(id, call.connection_lost()) ? vxi11::DEVICE_NO_ERROR
                                                  : vxi11::DEVICE_INVALID_LINK};
}

}  // namespace vxi11_example
