"""docker-compose.yml: every part is watched, every queue is worked on, no secret has a default."""

import re

import pytest
import yaml

from alignment_site.celery import QUEUES
from tests.repo import tree


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load(tree.text("docker-compose.yml"))["services"]


def test_every_long_running_service_is_watched_and_comes_back(services):
    for name, service in services.items():
        if name != "prepare":
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_every_queue_has_a_worker_and_beat_is_there_once(services):
    commands = " ".join(str(service.get("command", "")) for service in services.values())
    worked_on = {queue for found in re.findall(r"-Q (\S+)", commands) for queue in found.split(",")}
    assert worked_on == set(QUEUES)
    assert commands.count("alignment_site beat") == 1


def test_no_secret_has_a_default(services):
    text = tree.text("docker-compose.yml")
    for name in re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|KEY|TOKEN)\w*)([^}]*)\}", text):
        assert name[1].startswith(":?"), name
    assert not re.search(r"(?i)(password|secret\w*):\s*[\w-]+\s*$", text, re.MULTILINE)


def test_what_it_sets_is_what_settings_read(services):
    known = tree.text("alignment_site/settings.py")
    for name in services["web"]["environment"]:
        assert name in known or name == "DATABASE_URL", name  # which dj-database-url reads


def test_data_stays_when_containers_go(services):
    volumes = yaml.safe_load(tree.text("docker-compose.yml"))["volumes"]
    mounted = {mount.split(":")[0] for service in services.values() for mount in service["volumes"]}
    assert mounted == set(volumes)
