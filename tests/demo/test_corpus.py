"""What is drawn from the world: enough of it, the same for the same seed, and split by prompt."""

from itertools import islice

from annotation.demo.corpus import conversations, is_validation, pairs, prompts


def test_thousands_of_distinct_prompts():
    assert len({asked.prompt for asked in islice(prompts(1, checkable=0), 8000)}) == 8000
    assert len({asked.prompt for asked in islice(prompts(1, checkable=1), 8000)}) == 8000


def test_the_same_seed_draws_the_same():
    assert list(islice(conversations(4), 50)) == list(islice(conversations(4), 50))
    assert list(islice(pairs(4), 50)) == list(islice(pairs(4), 50))
    assert list(islice(pairs(4), 50)) != list(islice(pairs(5), 50))


def test_no_prompt_is_in_training_and_validation():
    training = {prompt for prompt, _ in islice(conversations(1), 5000)}
    held_out = {asked.prompt for asked in islice(prompts(1, checkable=0.4, validation=True), 500)}
    assert not training & held_out
    assert all(is_validation(prompt) for prompt in held_out)


def test_references_are_for_checkable_prompts_alone():
    assert all(asked.reference.isdigit() for asked in islice(prompts(2, checkable=1), 500))
    assert not any(asked.reference for asked in islice(prompts(2, checkable=0), 500))


def test_the_two_replies_of_a_pair_differ():
    assert all(pair.first != pair.second for pair in islice(pairs(1), 2000))
