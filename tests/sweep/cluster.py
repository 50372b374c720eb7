#!/usr/bin/python3
"""A Slurm cluster of one node, this machine, for as long as a test lasts."""
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

CONFIGURATION = """\
ClusterName=numasim
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmctldPort={ctld_port}
SlurmdPort={d_port}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
"""
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "sinfo")
PATIENCE_S = 60


def why_not():
    """Why there can be no cluster here, or nothing."""
    search = os.environ["PATH"] + ":/usr/sbin:/sbin"
    missing = [program for program in PROGRAMS if shutil.which(program, path=search) is None]
    if missing:
        return f"skipped: Slurm is not installed: no {', '.join(missing)} (slurm-wlm, munge)"
    return "skipped: Slurm needs root" if os.geteuid() != 0 else None


def free_port():
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, holds):
    """Waits for a condition; fails the test when it does not come."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {PATIENCE_S} s")
        time.sleep(0.1)


class Cluster:
    """Daemons with keys, ports and files of their own; stop() ends them."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="numasim-slurm-"))
        self.folder.chmod(0o755)
        self.daemons = []
        self.host = socket.gethostname().split(".")[0]
        configuration = CONFIGURATION.format(host=self.host, folder=self.folder,
                                             ctld_port=free_port(), d_port=free_port(),
                                             cpus=os.cpu_count())
        (self.folder / "slurm.conf").write_text(configuration, encoding="utf-8")
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        self.environment = {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf"),
                            "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}

    def start(self):
        """The daemons, in the foreground so that they can be ended by their process."""
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        socket_file = self.folder / "munge.socket"
        self.daemon("munged", "--foreground", "--force", f"--key-file={key}",
                    f"--socket={socket_file}", f"--pid-file={self.folder}/munged.pid",
                    f"--log-file={self.folder}/munged.log", f"--seed-file={self.folder}/seed")
        wait_until("munged", socket_file.exists)
        self.daemon("slurmctld", "-D", "-c")
        self.daemon("slurmd", "-D", "-c", "-N", self.host)
        wait_until("an idle node", lambda: self.ask("sinfo", "-h", "-o", "%t") == "idle")

    def daemon(self, *command):
        """Starts one; what it says goes to a file of the cluster."""
        with (self.folder / f"{command[0]}.out").open("wb") as log:
            self.daemons.append(subprocess.Popen(command, env=self.environment, stdout=log,
                                                 stderr=log, cwd=self.folder))

    def ask(self, *command):
        """What a Slurm command prints."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True,
                              timeout=PATIENCE_S, check=False)
        return done.stdout.strip()

    def run(self, script):
        """Submits a script and waits until nothing of it is left in the queue."""
        job = self.ask("sbatch", "--parsable", str(script))
        if not job:
            raise AssertionError("sbatch took no job")
        wait_until("the end of the job", lambda: self.ask("squeue", "-h", "-j", job) == "")

    def stop(self):
        """Ends the daemons, the last one first, and removes their files."""
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
