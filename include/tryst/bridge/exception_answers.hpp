// What callers elsewhere are told when an exception ends their call: a result that the `.x`
// declares for it, or a refusal. What is not named here is SYSTEM_ERR.
//
// Path: exported.hpp → here → typed_published_call.hpp
#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <optional>
#include <tryst/rpc/failure.hpp>
#include <tryst/rpc/handler.hpp>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace tryst::detail {

template <class R>
class exception_answers {
public:
  using answer = std::variant<rpc::detail::value_of<R>, rpc::refusal>;

  template <class Exception, class F>
  void add(F make) {
    all_.push_back([make = std::move(make)](const std::exception_ptr& thrown) {
      std::optional<answer> made;
      try {
        std::rethrow_exception(thrown);
      } catch (const Exception& e) {
        if constexpr (std::is_void_v<std::invoke_result_t<const F&, const Exception&>>) {
          make(e);
          made.emplace(std::in_place_index<0>);
        } else if constexpr (std::same_as<std::invoke_result_t<const F&, const Exception&>,
                                          rpc::refusal>) {
          made.emplace(std::in_place_index<1>, make(e));
        } else {
          made.emplace(std::in_place_index<0>, make(e));
        }
      } catch (...) {
        return made;
      }
      return made;
    });
  }

  /// The first that has one for `thrown`. Throws what the making of an answer throws.
  std::optional<answer> operator()(const std::exception_ptr& thrown) const {
    for (const auto& each : all_) {
      if (std::optional<answer> made = each(thrown)) return made;
    }
    return std::nullopt;
  }

private:
  std::vector<std::function<std::optional<answer>(const std::exception_ptr&)>> all_;
};

}  // namespace tryst::detail
