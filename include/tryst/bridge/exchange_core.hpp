// What a process knows of capabilities that travel, without their types: the operations that it has
// given away, and the processes that it has operations of. To an RPC server it is a service, that
// of the transient program.
//
// Path: cap_exchange.hpp → here → published.hpp, far_process.hpp
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <tryst/bridge/capability.hpp>
#include <tryst/bridge/exchange_options.hpp>
#include <tryst/bridge/far_process.hpp>
#include <tryst/rendezvous/op_link.hpp>
#include <tryst/xdr/reader.hpp>
#include <typeinfo>
#include <unordered_map>

namespace tryst::detail {

class exchange_core;

/// The procedures of the transient program.
enum class far_form : std::uint32_t { call = 1, send = 2, only_now = 3 };

/// An operation that was given away.
class exported_op {
public:
  exported_op(std::shared_ptr<op_link> of, const std::type_info& signature) noexcept
      : link_{std::move(of)}, signature_{signature} {}
  exported_op(const exported_op&) = delete;
  exported_op& operator=(const exported_op&) = delete;
  virtual ~exported_op() = default;

  const std::shared_ptr<op_link>& link() const noexcept { return link_; }
  const std::type_info& signature() const noexcept { return signature_; }

  /// Answers a call, now or later; `in` stands before the arguments.
  virtual void serve(far_form how, xdr::reader& in, rpc::incoming_call& call,
                     const std::shared_ptr<exchange_core>& by) = 0;

private:
  std::shared_ptr<op_link> link_;
  const std::type_info& signature_;
};

/// See the head of this file. Any thread.
class exchange_core final : public published {
public:
  exchange_core(loop& home, exchange_options options);

  const exchange_options& exchanging() const noexcept { return options_; }
  loop& home() const noexcept { return home_; }

  /// Where others reach the server that serves this. Throws std::invalid_argument when that is no
  /// address that can be passed on.
  void reachable_at(const rpc::address& where);
  /// Ends all calls of others; nothing is exported or called any more.
  void close();

  /// A name for `of`: the one that it has, or a new one. Throws export_refused.
  operation_name name_of(std::shared_ptr<exported_op> of);
  /// Says that an operation is a procedure of its own.
  void is_procedure(std::shared_ptr<op_link> of, const std::type_info& signature,
                    rpc::interface_id id, std::uint32_t procedure);

  /// Where a named operation is: exactly one of them.
  struct place {
    std::shared_ptr<op_link> here;  ///< of this very process; perhaps gone
    std::shared_ptr<far_process> there;
  };
  /// Of a name that came from `from`. Fails with errc::address_invalid when it makes no sense, with
  /// errc::auth_too_weak when it is not allowed, and with errc::garbage_args when the operation is
  /// ours and of another signature.
  std::expected<place, std::error_code> find(const operation_name& name,
                                             const std::type_info& signature,
                                             const rpc::address& from);

  // As a service:
  rpc::interface_id id() const noexcept override { return {program_, 1}; }
  std::string_view name() const noexcept override { return "capabilities"; }
  rpc::recall recall_of(std::uint32_t procedure, bool datagram) const noexcept override {
    return how_remembered(procedure, {}, datagram);
  }
  void serve(rpc::incoming_call& call) override;

private:
  struct entry {
    std::shared_ptr<exported_op> what;
    operation_name name;
  };
  // The numbers by which an operation is known to callers.
  struct number {
    std::uint32_t program, version, procedure;
    std::uint64_t object;
    auto operator<=>(const number&) const = default;
  };
  static number number_of(const operation_name& name) noexcept {
    return {name.program, name.version, name.procedure, name.object};
  }

  bool is_ours(const operation_name& name) const;
  std::shared_ptr<far_process> process_at(const rpc::address& where);
  void add(std::shared_ptr<exported_op> what, const operation_name& name);
  void drop_dead();

  loop& home_;
  exchange_options options_;
  const std::uint32_t program_;

  std::mutex mutex_;  // guards what follows
  bool closed_ = false;
  std::string netid_, address_;  // empty: nobody has said where we are
  std::map<number, entry> exported_;
  std::unordered_map<const op_link*, number> numbers_;
  std::size_t look_at_ = 64;  // when so many are exported, some may be dead
  std::map<rpc::address, std::shared_ptr<far_process>> processes_;
};

}  // namespace tryst::detail
