// The connection that a call came on, as a caller: for calls from the server back to its client.
#pragma once

#include <memory>
#include <tryst/rpc/typed_caller.hpp>

namespace tryst::rpc {

class session;

/// A reference: copies stand for the same connection. Any number of threads may call over it. When
/// the connection ends, calls in flight end with it, and later ones with errc::closed.
class connection : public typed_caller<connection> {
public:
  explicit connection(std::shared_ptr<session> s);

  /// For typed_caller.
  call_path& path() noexcept;
  void complete(call_options& options) const;

private:
  std::shared_ptr<session> session_;
};

}  // namespace tryst::rpc
