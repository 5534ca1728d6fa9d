// What happened in a run: the log of tryst::testing, under the name of these tests.
#pragma once

#include <tryst/testing/event_log.hpp>

namespace tryst::problems {

using testing::event;
using testing::event_log;

}  // namespace tryst::problems
