"""What a shot costs on the farm: beside Prefect's own worker, in CPU, and a thousand of them.

Run by `python -m tests.bench farm`. Server, PostgreSQL and workers are real; shots are six small
grey frames, so that what is measured is the farm. A run is late by up to a worker's poll (2 s, for
both workers); shots that wait in the queue together are not.
"""

import argparse
import dataclasses
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from bench.counted_server import PATH
from bench.process_cpu import cpu_s
from support.counted import Desk
from support.farm import LiveFarm, open_farm
from support.films import make_recipe

from deployments.farm import postgres, server, workers
from deployments.farm.client import open_client
from deployments.farm.services import Service, wait_until

FILM = {"width_px": 128, "height_px": 72, "fps": "12/1", "quality": "draft"}
SHOT_S = 0.5
# Shots of the warm worker to each one of the stock worker, and seconds over which rest is measured.
WARM_PER_STOCK, REST_S = 5, 20.0
STOCK = "stock"
# Longest that a shot may take on the slower worker on a loaded machine, seconds.
PATIENCE_S = 120.0
FIGURES = ("speed", "cpu", "thousand")

Spent = dict[str, float]


class Bench:
    """A farm whose requests are counted, with shots to render."""

    def __init__(self, farm: LiveFarm, shots: int) -> None:
        """Prepare a recipe of so many shots, each of other pictures."""
        self.farm = farm
        self.desk = Desk(farm.home / "counted")
        self.recipe = self._write("shots.json", shots)
        self._left = iter(range(1, shots + 1))
        self._workers: dict[str, str] = {}

    def film_recipe(self, shots: int) -> str:
        """Path of a recipe that no other film shares a clip with."""
        return self._write("film.json", shots)

    def start(self, pool: str, **options: int) -> None:
        """Start a warm worker of a pool."""
        name = self.farm.start_worker(pool, **options, **self.desk.environment)
        self._workers[pool] = name

    def start_stock(self) -> None:
        """Make a pool of Prefect's type process with the same flow, and start its worker."""
        with open_client(self.farm.api_url, self.farm.auth) as client:
            known = client.read_deployment_by_name("render-shot/cpu")
        told = {"name": STOCK, "type": "process"}
        self.farm.post("work_pools/", told)
        told = {"name": STOCK, "flow_id": str(known.flow_id), "work_pool_name": STOCK}
        schema = {"entrypoint": known.entrypoint, "parameter_openapi_schema": {}}
        self.farm.post("deployments/", {**told, **schema})
        environment = {**self.farm.environment, **self.desk.environment}
        crew = workers.describe(workers.Crew(pool=STOCK), environment)
        self.farm.folder.start(crew)
        self._workers[STOCK] = crew.name

    def stop(self, pool: str) -> None:
        """Stop a pool's worker."""
        self.farm.stop_worker(self._workers.pop(pool))

    def queue(self, deployment: str) -> str:
        """Ask for the next shot; returns its run."""
        parameters = {
            "shot": f"shot_{next(self._left):03d}",
            "recipe": self.recipe,
            "renderer": "counted",
            "film": FILM,
        }
        return self.farm.run(f"render-shot/{deployment}", parameters)

    def render(self, deployment: str, count: int, *, together: bool) -> Spent:
        """Have shots rendered; returns wall and CPU seconds."""
        before, begun = self.spent(), time.monotonic()
        for size in [count] if together else [1] * count:
            wanted = self.desk.calls.total() + size
            runs = [self.queue(deployment) for _ in range(size)]
            # Asking the server all the time would be a part of what is measured.
            wait_until(lambda n=wanted: self.desk.calls.total() >= n, timeout_s=size * PATIENCE_S)
            for run in runs:
                state = self.farm.wait(run, timeout_s=PATIENCE_S, poll_s=0.1)["state"]
                if state["type"] != "COMPLETED":
                    sys.exit(f"a shot is {state['name']}: {state['message']}\n{self.farm.tails()}")
        wall = time.monotonic() - begun
        return {"wall": wall, **less(self.spent(), before)}

    def rest(self) -> Spent:
        """CPU seconds while nothing is asked for."""
        before = self.spent()
        time.sleep(REST_S)
        return less(self.spent(), before)

    def spent(self) -> Spent:
        """CPU seconds so far of server, database, and each worker and its engines."""
        names = {"server": server.NAME, "postgres": postgres.NAME, **self._workers}
        told = Spent()
        for name, record in names.items():
            running = self.farm.folder.running(record)
            assert running, f"{record} is gone\n{self.farm.tails()}"
            own, below = cpu_s(running.pid)
            if name in self._workers:
                told |= {f"{name}_worker": own, f"{name}_engine": below}
            else:
                told[name] = own + below
        return told

    def requests(self) -> Counter[tuple[str, int]]:
        """How often each request was answered how; status 0: not at all."""
        address = self.farm.api_url.removesuffix("/api") + PATH
        counts = self.farm.http.get(address).raise_for_status().json()
        return Counter({(asked, status): times for asked, status, times in counts})

    def _write(self, name: str, shots: int) -> str:
        starts = [k * SHOT_S for k in range(shots)]
        plain = make_recipe(starts, duration_s=shots * SHOT_S)
        told = [
            shot.model_copy(update={"mochi_prompt": f"picture {shot.id} of {name}"})
            for shot in plain.shot_list
        ]
        path = self.farm.home / name
        path.write_text(plain.model_copy(update={"shot_list": tuple(told)}).model_dump_json())
        return str(path)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench farm")
    parser.add_argument("figures", nargs="*", default=FIGURES, help=f"of {', '.join(FIGURES)}")
    parser.add_argument("--stock", type=int, default=4, help="shots of the stock worker")
    parser.add_argument("--warm", type=int, default=20, help="shots whose CPU is measured")
    parser.add_argument("--shots", type=int, default=1000, help="shots of the thousand")
    parser.add_argument("--engines", type=int, default=1, help="warm engines for them")
    told = parser.parse_args()
    count_requests()
    with open_farm() as farm:
        bench = Bench(farm, 2 * told.stock * (1 + WARM_PER_STOCK) + told.warm + 4)
        if "speed" in told.figures:
            measure_speed(bench, told.stock)
        if "cpu" in told.figures:
            measure_cpu(bench, told.warm)
        if "thousand" in told.figures:
            measure_film(bench, told.shots, engines=told.engines)


def count_requests() -> None:
    """Have farms started from here put a counter in front of the server, in its process."""
    plain = server.describe

    def counted(*where: Any, **how: Any) -> Service:
        service = plain(*where, **how)
        factory = "bench.counted_server:create_app"
        command = [factory if word.endswith(":create_app") else word for word in service.command]
        return dataclasses.replace(service, command=tuple(command))

    server.describe = counted


def measure_speed(bench: Bench, stock: int) -> None:
    """Both workers in turn: shots one after another, and shots that wait in the queue."""
    bench.start("cpu")
    bench.start_stock()
    for pool in ("cpu", STOCK):
        bench.render(pool, 1, together=False)
    alone = in_turn(bench, rounds=stock, size=1, together=False)
    queued = in_turn(bench, rounds=2, size=max(stock // 2, 1), together=True)
    bench.stop(STOCK)
    bench.stop("cpu")
    show(
        "shot_speedup_vs_stock",
        queued["stock_s"] / queued["warm_s"],
        "ratio",
        stock,
        **queued,
        one_by_one=alone["stock_s"] / alone["warm_s"],
        **{f"one_by_one_{name}": seconds for name, seconds in alone.items()},
    )


def in_turn(bench: Bench, *, rounds: int, size: int, together: bool) -> Spent:
    """Wall and CPU seconds a shot, of the warm and of the stock worker."""
    sums = Counter[str]()
    for _ in range(rounds):
        for pool, name, count in (("cpu", "warm", WARM_PER_STOCK * size), (STOCK, "stock", size)):
            spent = bench.render(pool, count, together=together)
            wall = spent.pop("wall")
            sums.update({f"{name}_s": wall / count, f"{name}_cpu_s": sum(spent.values()) / count})
    return {name: seconds / rounds for name, seconds in sums.items()}


def measure_cpu(bench: Bench, shots: int) -> None:
    """CPU of everything that works for a shot, with one warm worker."""
    bench.start("cpu")
    bench.render("cpu", 2, together=False)
    rest = bench.rest()
    told = bench.render("cpu", shots, together=True)
    wall = told.pop("wall")
    bench.stop("cpu")
    show(
        "shot_cpu_s",
        sum(told.values()) / shots,
        "CPU s",
        shots,
        **{name: seconds / shots for name, seconds in told.items()},
        wall_s=wall / shots,
        idle_cpu_s_per_s=sum(rest.values()) / REST_S,
    )


def measure_film(bench: Bench, shots: int, *, engines: int) -> None:
    """A film of very many shots through its supervisor, every request counted."""
    bench.start("films")
    bench.start("cpu", engines=engines)
    bench.desk.forget()
    wishes = {
        "recipe": bench.film_recipe(shots),
        "renderer": "counted",
        "film": FILM,
        "assemble": False,
        "farm": {"pool": "cpu"},
    }
    requests, before, begun = bench.requests(), bench.spent(), time.monotonic()
    run = bench.farm.run("render-video/render-video", wishes)
    ended = bench.farm.wait(run, timeout_s=600 + 10 * shots, poll_s=5)
    wall = time.monotonic() - begun
    spent = less(bench.spent(), before)
    answered = bench.requests() - requests
    bad = Counter({k: n for k, n in answered.items() if k[1] == 0 or k[1] >= 500})
    states = Counter(child["state_type"] for child in bench.farm.children(run))
    calls = bench.desk.calls
    show(
        "farm_failed_requests_1000",
        bad.total(),
        "requests",
        shots,
        requests=answered.total(),
        unanswered=sum(n for (_, status), n in bad.items() if status == 0),
        shots_completed=states["COMPLETED"],
        shots_not_completed=states.total() - states["COMPLETED"],
        renderer_calls=calls.total(),
        shots_called_once=sum(n == 1 for n in calls.values()),
        film_completed=float(ended["state_type"] == "COMPLETED"),
        wall_s=wall,
        **{f"{name}_cpu_s_a_shot": seconds / shots for name, seconds in spent.items()},
    )
    for (asked, status), times in bad.most_common():
        print(f"{times} x {status or 'no answer'}: {asked}", file=sys.stderr)
    if states != {"COMPLETED": shots} or calls.total() != shots or len(calls) != shots:
        sys.exit(f"shots were lost: {dict(states)}, {ended['state']['message']}")


def less(after: Spent, before: Spent) -> Spent:
    """What was spent in between."""
    return {name: seconds - before[name] for name, seconds in after.items()}


def show(figure: str, value: float, unit: str, n: int, **beside: float) -> None:
    """Print one figure."""
    rounded: Mapping[str, float] = {name: round(other, 3) for name, other in beside.items()}
    line = {"figure": figure, "value": round(value, 3), "unit": unit, "n": n, "beside": rounded}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
