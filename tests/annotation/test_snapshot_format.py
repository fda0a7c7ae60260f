"""Identities that every snapshot ever frozen relies on, with their values written out."""

import hashlib

import pytest

from annotation.snapshot_format import (
    canonical_json,
    message_digest,
    snapshot_sha256,
    split_key,
    split_of,
)

ASK = [{"role": "user", "content": "Why is the sky blue?"}]


def test_canonical_json_is_one_text_per_value():
    assert canonical_json({"b": 1.0, "a": "é\n"}) == '{"a":"é\\n","b":1.0}'
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json({"a": float("nan")})


def test_digest_goes_by_roles_and_contents_only():
    assert message_digest(ASK) == hashlib.sha256(b'[["user","Why is the sky blue?"]]').hexdigest()
    assert message_digest(ASK) == message_digest([{**ASK[0], "id": 7}])
    assert message_digest(ASK) != message_digest([{"role": "system", "content": ASK[0]["content"]}])


def test_split_key_goes_by_the_first_user_turn():
    later = [
        {"role": "system", "content": "Be brief."},
        *ASK,
        {"role": "assistant", "content": "Rayleigh."},
        {"role": "user", "content": "And red at night?"},
    ]
    assert split_key(ASK) == split_key(later) == hashlib.sha256(b"Why is the sky blue?").hexdigest()
    assert split_key([]) == hashlib.sha256(b"").hexdigest()


def test_splits_are_what_they_were_when_the_first_snapshot_was_frozen():
    keys = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(12)]
    assert [split_of("00ff", key) for key in keys] == [
        "train", "train", "train", "train", "train", "test", "train", "train",
        "validation", "validation", "train", "validation",
    ]  # fmt: skip


def test_split_shares_are_80_10_10_and_go_by_salt():
    keys = [str(n) for n in range(20_000)]
    for salt in ("one", "two"):
        counts = [sum(split_of(salt, key) == name for key in keys) / 20_000 for name in ("train", "validation", "test")]
        # Standard error of .8 over 20,000: .0028; of .1: .0021. Four of them.
        assert counts == pytest.approx([0.8, 0.1, 0.1], abs=0.012)
    moved = sum(split_of("one", key) != split_of("two", key) for key in keys) / 20_000
    assert moved == pytest.approx(1 - (0.64 + 0.01 + 0.01), abs=0.02)


def test_snapshot_hash_names_files_in_order():
    assert snapshot_sha256([("train.jsonl", "aa"), ("test.jsonl", "bb")]) == (
        hashlib.sha256(b"train.jsonl:aa\ntest.jsonl:bb\n").hexdigest()
    )
