"""The farm comes up, stays up, mends itself and goes away, with a real server and PostgreSQL."""

import pytest

pytestmark = pytest.mark.services


def test_farm_has_pools_queues_and_deployments(farm):
    pools = {pool["name"]: pool["type"] for pool in farm.post("work_pools/filter")}
    assert pools == dict.fromkeys(("films", "cpu", "gpu"), "songfilm-gpu")
    for pool in pools:
        queues = farm.post(f"work_pools/{pool}/queues/filter")
        priorities = {queue["name"]: queue["priority"] for queue in queues}
        assert priorities["urgent"] < priorities["normal"] < priorities["batch"]
    names = {deployment["name"] for deployment in farm.post("deployments/filter")}
    assert "music-video" in names


def test_run_waits_is_cancelled_and_retried_by_the_dashboards_requests(farm):
    run = farm.run("plan-video/plan-video", {"analysis": {}}, enforce_parameter_schema=False)
    assert farm.read(run)["state_type"] == "SCHEDULED"
    farm.set_state(run, {"type": "FAILED"})
    farm.retry(run)
    assert farm.read(run)["state_name"] == "AwaitingRetry"
    farm.cancel(run)
    assert farm.wait(run, "CANCELLED", timeout_s=30)["state_name"] == "Cancelled"


def test_server_and_database_restart_and_keep_what_they_knew(farm):
    before = farm.count()
    farm.restart_server(rude=True)
    farm.restart_database()
    assert farm.count() == before
