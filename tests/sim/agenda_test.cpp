#include "sim/engine/agenda.hpp"

#include <gtest/gtest.h>

#include <map>
#include <utility>
#include <vector>

#include "allocator/random.hpp"
#include "sim/engine/event_loop.hpp"

namespace numasim::engine {
namespace {

struct Entry {
  Alarm alarm{nullptr};
  std::pair<SimTime, int> when;  // in the model
  Agenda::Place place = 0;
};

TEST(Agenda, IsInTheOrderOfDatesAndThenOfComingWhateverWasMovedOrRemoved) {
  constexpr int kEntries = 100;
  Random random(1);
  Agenda agenda;
  std::vector<Entry> entries(kEntries);
  std::map<std::pair<SimTime, int>, Entry*> model;

  for (int step = 0; step < 20'000; ++step) {
    Entry& entry = entries[random.below(kEntries)];
    const SimTime date{SimDuration{static_cast<std::int64_t>(random.below(50))}};
    const bool is_there = model.erase(entry.when) > 0;
    if (is_there && random.below(2) == 0) {
      agenda.remove(entry.place);
      entry.when = {};
    } else {
      if (is_there) agenda.move(entry.place, date);
      if (!is_there) entry.place = agenda.add(entry.alarm, date);
      entry.when = {date, step + 1};
      model[entry.when] = &entry;
    }

    ASSERT_EQ(agenda.empty(), model.empty());
    if (model.empty()) continue;
    ASSERT_EQ(agenda.date(), model.begin()->first.first);
    ASSERT_EQ(&agenda.first(), &model.begin()->second->alarm);
  }
}

}  // namespace
}  // namespace numasim::engine
