#include <algorithm>
#include <string>

#include "workloads/generate/agenda.hpp"
#include "workloads/generate/all_kinds.hpp"
#include "workloads/generate/choices.hpp"
#include "workloads/generate/zipf_distribution.hpp"

namespace numasim::trace {
namespace {

constexpr Parameter kParameters[] = {
    {"clients", 4, 1, 1000, "sessions, one task each"},
    {"cpus", 1, 1, 1024, "they run on CPUs 0 to cpus-1, in turn"},
    {"transactions", 5'000, 1, 1'000'000'000, "of all clients together"},
    {"table_pages", 32768, 1, 1 << 22, "the table, a file"},
    {"skew_percent", 90, 0, 300, "100 times the Zipf exponent of the popularity of its pages"},
    {"reads", 6, 0, 10'000, "pages that a transaction reads"},
    {"writes", 2, 0, 10'000, "of them, rewritten"},
    {"log_pages", 1, 1, 65536, "that a transaction adds to the log"},
    {"sort_percent", 2, 0, 100, "share of transactions that sort in memory of their own"},
    {"sort_pages", 1024, 1, 1 << 22, "memory of such a sort"},
    {"cache_pages", 4096, 1, 1 << 22, "memory that each session keeps"},
    {"think_ns", 4'000'000, 0, 3'600'000'000'000, "mean time from one transaction to the next"},
};

class Database {
 public:
  Database(const Values& values, std::uint64_t seed, Script& script)
      : values_(values),
        random_(stream(seed, "database")),
        script_(script),
        popularity_(values["table_pages"], values["skew_percent"]) {}

  void run() {
    const std::uint64_t clients = values_["clients"];
    for (std::uint64_t i = 0; i < clients; ++i) script_.task("session", i, values_["cpus"]);
    for (std::uint32_t i = 0; i < clients; ++i) {
      script_.put_at(0, i, Map{.region = "cache", .length = PageCount{cache_pages()}});
      agenda_.add(around(random_, values_.whole("think_ns")), i);
    }
    for (std::uint64_t left = values_["transactions"]; left > 0; --left) {
      const Agenda::Turn turn = agenda_.next();
      transaction(turn.t_ns, static_cast<std::uint32_t>(turn.who));
      agenda_.add(turn.t_ns + around(random_, values_.whole("think_ns")), turn.who);
    }
    while (!agenda_.empty()) {
      const Agenda::Turn turn = agenda_.next();
      script_.put_at(turn.t_ns, static_cast<std::uint32_t>(turn.who), Exit{});
    }
  }

 private:
  std::int64_t cache_pages() const { return values_.whole("cache_pages"); }

  void transaction(std::int64_t t_ns, std::uint32_t session) {
    const PageCount one{1};
    const std::uint64_t request = next_id_++;
    script_.put_at(t_ns, session, Alloc{.id = request, .gfp = GFP_KERNEL});  // socket buffer
    const PageCount cached{
        static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(cache_pages())))};
    script_.put_at(t_ns, session, Touch{.region = "cache", .first = cached, .count = one});
    for (std::uint64_t i = 0; i < values_["reads"]; ++i) {
      const PageCount page{static_cast<std::int64_t>(popularity_.draw(random_))};
      script_.put_at(t_ns, session, Read{"table", page, one});
      if (i < values_["writes"]) script_.put_at(t_ns, session, Write{"table", page, one});
    }
    if (happens(random_, values_["sort_percent"])) sort(t_ns, session);
    const PageCount entry{values_.whole("log_pages")};
    script_.put_at(t_ns, session, Write{"log", log_end_, entry});
    log_end_ += entry;
    script_.put_at(t_ns, session, Free{.id = request});
  }

  void sort(std::int64_t t_ns, std::uint32_t session) {
    const PageCount length{values_.whole("sort_pages")};
    script_.put_at(t_ns, session, Map{.region = "sort", .length = length});
    script_.put_at(t_ns, session, Touch{.region = "sort", .count = length});
    script_.put_at(t_ns, session, Unmap{"sort"});
  }

  const Values& values_;
  Random random_;
  Script& script_;
  ZipfDistribution popularity_;
  Agenda agenda_;
  PageCount log_end_{0};
  std::uint64_t next_id_ = 0;
};

void generate_database(const Values& values, std::uint64_t seed, Script& script) {
  Database(values, seed, script).run();
}

}  // namespace

const WorkloadKind kDatabase{
    .name = "database",
    .summary = "sessions read and write a table, append to a log, sort",
    .models =
        "Sessions do transactions: popular pages of a table are read and rewritten through "
        "the page\ncache, a log grows, some transactions sort in memory of their own. Nothing "
        "waits for the\nlog to reach the disk.",
    .parameters = kParameters,
    .generate = generate_database};

}  // namespace numasim::trace
