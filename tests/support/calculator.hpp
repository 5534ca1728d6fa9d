// The service that most tests call: what calc.x says, and ways to wait, to fail and to be watched.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <tryst/rpc/failure.hpp>
#include <tryst/rpc/handler.hpp>
#include <tryst/task.hpp>
#include <vector>

#include "compiler/golden/calc.hpp"

namespace tryst::tests {

/// What a calculator has been through: shared by its copies' users, safe on any thread.
struct calculator_record {
  std::atomic<int> calls = 0;
  std::atomic<int> inside = 0;       // handlers at this moment
  std::atomic<int> most_inside = 0;  // ... and at most

  void enter() {
    ++calls;
    const int now = ++inside;
    int most = most_inside.load();
    while (now > most && !most_inside.compare_exchange_weak(most, now)) {
    }
  }
  void leave() { --inside; }

  /// Waits for the threads that answer: before the loops that they answer to are destroyed.
  void join() {
    const std::lock_guard lock{mutex};
    answering.clear();
  }

  std::mutex mutex;
  std::vector<std::jthread> answering;  // guarded by mutex
  std::stop_source silence;             // ... was kept, and nobody need wait any longer
};

struct calculator {
  calculator_record* record = nullptr;

  std::int32_t ADD(calc::pair p) {
    const visit v{record};
    return p.a + p.b;
  }

  // A coroutine. By zero: the reason; by -1: a refusal; by -2: an exception.
  task<calc::quotient> DIVIDE(std::int32_t a, std::int32_t b, calc::rounding how) {
    const visit v{record};
    if (b == -1) throw rpc::refusal{.code = errc::auth_too_weak};
    if (b == -2) throw std::runtime_error("minus two");
    calc::quotient q;
    if (b == 0) {
      q.set_reason("division by zero");
    } else {
      q.set_value(how == calc::UP ? (a + b - 1) / b : a / b);
    }
    co_return q;
  }

  // Answers from another thread, if there is a record to keep that in. Of "silence": not at all.
  void DESCRIBE(rpc::reply<std::string> to, xdr::optional_data<calc::entry> e) {
    const auto answer = [](rpc::reply<std::string> owed,
                           const xdr::optional_data<calc::entry>& list) {
      std::string text;
      for (const calc::entry* n = list.get(); n != nullptr; n = n->next.get())
        text += n->label + ";";
      owed(std::move(text));
    };
    if (record == nullptr) return answer(std::move(to), e);
    ++record->calls;
    if (e && e->label == "silence") {
      to.drop();
      record->silence.request_stop();
      return;
    }
    const std::lock_guard lock{record->mutex};
    record->answering.emplace_back(answer, std::move(to), std::move(e));
  }

private:
  struct visit {
    calculator_record* record;
    explicit visit(calculator_record* r) : record{r} {
      if (record != nullptr) record->enter();
    }
    ~visit() {
      if (record != nullptr) record->leave();
    }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;
  };
};

}  // namespace tryst::tests
