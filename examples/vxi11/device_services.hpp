// The two channels of VXI-11 to one instrument, the device "inst0": links, and what is written to
// and read from them.
//
// There are no locks, no service requests and no interrupts, no triggers, and no front panel to be
// locked out of: who asks for them is told that the operation is not supported.
#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <tryst/rpc/call_info.hpp>

#include "instrument.hpp"
#include "vxi11.hpp"

namespace vxi11_example {

/// A client's way to the device. It ends with the connection that it was made on.
struct link {
  std::stop_token connection;
  std::string input;   ///< of a message whose end has not come yet
  std::string output;  ///< of an answer that has not been read to its end
};

class links {
public:
  /// Makes a link; 0 when there are too many.
  vxi11::Device_Link make(std::stop_token connection);
  /// The link of that number, if it is one of this connection's: others' numbers are easily
  /// guessed.
  link* find(vxi11::Device_Link id, const std::stop_token& connection);
  /// Whether there is such a link, on whatever connection.
  bool has(vxi11::Device_Link id) const;
  bool end(vxi11::Device_Link id, const std::stop_token& connection);

private:
  std::map<vxi11::Device_Link, link> all_;
  vxi11::Device_Link last_ = 0;
};

/// All calls run on one loop, one after the other. The instrument and the links must outlive it.
class device_core {
public:
  device_core(instrument& device, links& all, std::uint16_t abort_port)
      : device_{&device}, links_{&all}, abort_port_{abort_port} {}

  using info = tryst::rpc::call_info;
  vxi11::Create_LinkResp create_link(const info& call, const vxi11::Create_LinkParms& asked);
  vxi11::Device_WriteResp device_write(const info& call, const vxi11::Device_WriteParms& written);
  vxi11::Device_ReadResp device_read(const info& call, const vxi11::Device_ReadParms& asked);
  vxi11::Device_ReadStbResp device_readstb(const info& call, const vxi11::Device_GenericParms& of);
  vxi11::Device_Error device_clear(const info& call, const vxi11::Device_GenericParms& of);
  vxi11::Device_Error destroy_link(const info& call, vxi11::Device_Link id);

  vxi11::Device_Error device_trigger(const vxi11::Device_GenericParms&) { return unsupported; }
  vxi11::Device_Error device_remote(const vxi11::Device_GenericParms&) { return unsupported; }
  vxi11::Device_Error device_local(const vxi11::Device_GenericParms&) { return unsupported; }
  vxi11::Device_Error device_lock(const vxi11::Device_LockParms&) { return unsupported; }
  vxi11::Device_Error device_unlock(vxi11::Device_Link) { return unsupported; }
  vxi11::Device_Error device_enable_srq(const vxi11::Device_EnableSrqParms&) { return unsupported; }
  vxi11::Device_DocmdResp device_docmd(const vxi11::Device_DocmdParms&) {
    return {.error = vxi11::DEVICE_OPERATION_NOT_SUPPORTED, .data_out = {}};
  }
  vxi11::Device_Error create_intr_chan(const vxi11::Device_RemoteFunc&) { return unsupported; }
  vxi11::Device_Error destroy_intr_chan() { return unsupported; }

private:
  static constexpr vxi11::Device_Error unsupported{vxi11::DEVICE_OPERATION_NOT_SUPPORTED};

  instrument* device_;
  links* links_;
  std::uint16_t abort_port_;
};

/// Nothing that this instrument does takes long enough to be aborted.
class device_async {
public:
  explicit device_async(const links& all) : links_{&all} {}
  vxi11::Device_Error device_abort(vxi11::Device_Link id) {
    return {links_->has(id) ? vxi11::DEVICE_NO_ERROR : vxi11::DEVICE_INVALID_LINK};
  }

private:
  const links* links_;
};

}  // namespace vxi11_example
