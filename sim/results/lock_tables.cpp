#include "sim/results/lock_tables.hpp"

#include "sim/results/output_file.hpp"

namespace numasim::results {

void write_locks(const std::filesystem::path& path, const std::vector<LockRow>& locks) {
  OutputFile table(path);
  table.text("lock,taken,contended,held_ns,waited_ns,longest_wait_ns\n");
  for (const LockRow& lock : locks) {
    table.field(lock.name).text(",").number(lock.taken).text(",").number(lock.contended);
    for (const SimDuration part : {lock.held, lock.waited, lock.longest_wait})
      table.text(",").number(to_ns(part));
    table.text("\n");
  }
  table.close();
}

void write_lock_waits(const std::filesystem::path& path, std::span<const TaskRow> tasks) {
  OutputFile table(path);
  table.text("id,task,lock,waits,total_ns\n");
  for (const TaskRow& task : tasks)
    for (const WaitTotal& wait : task.lock_waits) {
      table.number(task.id.value).text(",").field(task.name).text(",").field(wait.queue);
      table.text(",").number(wait.sleeps).text(",").number(to_ns(wait.total)).text("\n");
    }
  table.close();
}

}  // namespace numasim::results
