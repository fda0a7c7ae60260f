"""Models are made once a session."""

import pytest

from tests.engine import tiny


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    return tiny.model_folder(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def tiny_reward(tmp_path_factory, tiny_model):
    return tiny.reward_folder(tmp_path_factory.mktemp("models") / "reward", tiny_model)
