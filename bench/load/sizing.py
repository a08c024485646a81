"""How many conversations a machine carries, from what one worker was seen to carry: nothing but multiplication."""

from dataclasses import dataclass

from bench import report


@dataclass(frozen=True, slots=True)
class Carried:
    """The largest crowd that one worker carried. Shares are of one core, memory in MB."""

    people: int
    busy: float
    cpu_per_minute: float
    talking: float
    """Share of the time in which each of them was spoken to."""
    base: float
    memory: float
    """For each conversation, beyond `base`."""


@dataclass(frozen=True, slots=True)
class Size:
    """A machine that can be rented: its cores and GB."""

    name: str
    cores: int
    memory: int


SIZES = (Size("Databricks App, MEDIUM", 2, 6), Size("Databricks App, LARGE", 4, 12))
"""https://docs.databricks.com/aws/en/dev-tools/databricks-apps/compute-size (2026-11)."""
SYSTEM = 1_000
"""MB left to the system, the platform's sidecar and the disk cache's pages."""


def conversations(size: Size, carried: Carried) -> tuple[int, str]:
    """(so many on a machine of *size*, what bounds it): a worker for each core, and the memory that is left."""
    by_cpu = size.cores * carried.people
    room = size.memory * 1_000 - SYSTEM - size.cores * carried.base
    by_memory = int(room / carried.memory) if carried.memory > 0 else by_cpu
    return (by_cpu, "CPU") if by_cpu <= by_memory else (by_memory, "memory")


def sizing(carried: Carried, command: str) -> str:
    """The table as Markdown, with what it is derived from."""
    rows = []
    for size in SIZES:
        most, bound = conversations(size, carried)
        workers = str(size.cores) if size.cores > 1 else "1"
        rows.append([size.name, f"{size.cores} vCPU, {size.memory} GB", workers, str(most), bound])
    table = report.table(["machine", "", "workers", "conversations at once", "bound by"], rows)
    return f"""From `{command}`: one worker carried {carried.people} conversations on
{carried.busy:.0%} of a core: {carried.cpu_per_minute:.2f} CPU seconds per spoken minute, each of them
spoken to for {carried.talking:.0%} of the time, nothing cached, voices from the network. Memory:
{carried.base:.0f} MB for a worker, and {carried.memory:.2f} MB for each conversation. A worker for each core;
{SYSTEM} MB are left to the system. A core of a rented machine is not a core of the one that measured: run the
command on yours.

{table}
"""
