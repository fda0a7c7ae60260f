"""The labelling page and its calls, as answered to everybody."""

import json
import re
from uuid import uuid4

import pytest

from annotation.models import Assignment, Item, Judgment, Sitting
from annotation.services.sittings import end_sitting
from annotation.views.calls import owner_of
from tests.annotation.leasing import FIRST, give, next_lease
from tests.factories import make_completion, make_pair_item, make_prompt, make_source, make_user

pytestmark = pytest.mark.django_db
PAGE = "/p/wall/label/"


@pytest.fixture
def items(project):
    return [make_pair_item(project, f"first of {number}", f"second of {number}") for number in range(4)]


@pytest.fixture
def client(as_user, bob):
    return as_user(bob)


def call(client, user, name, **body):
    body = {"owner": owner_of(user)} | body
    return client.post(f"{PAGE}{name}/", json.dumps(body), content_type="application/json")


def answer(client, user, token, **body):
    body = {"token": token, "submission": str(uuid4()), "outcome": "answer", "grade": 1, "scale": 8} | body
    return call(client, user, "answer", **body)


class TestPage:
    def test_it_shows_the_pair(self, client, items):
        response = client.get(PAGE)
        assert response.status_code == 200
        text = response.content.decode()
        assert {f"{which} of 0" in text for which in ("first", "second")} == {True}
        assert text.count('type="radio"') == 8
        assert "Prefer the true reply." in text

    def test_it_is_the_same_pair_when_it_is_opened_again(self, client, items):
        tokens = {re.search(r'data-token="([^"]+)"', client.get(PAGE).content.decode())[1] for _ in range(3)}
        assert len(tokens) == 1

    def test_an_empty_queue_says_so(self, client):
        assert "Nothing to label just now" in client.get(PAGE).content.decode()

    def test_a_queue_nobody_knows(self, client, items):
        response = client.get(PAGE, {"queue": "nowhere"})
        assert response.status_code == 404
        assert "There is no queue “nowhere”" in response.content.decode()

    def test_the_form_of_a_browser_without_javascript(self, client, items):
        client.get(PAGE)
        lease = Assignment.objects.get()
        form = {"token": lease.token, "submission": uuid4(), "grade": "2", "comment": "plain"}
        for _ in range(2):  # a double click
            response = client.post(PAGE, form)
            assert (response.status_code, response.url) == (302, PAGE)
        judgment = Judgment.objects.get()
        assert (judgment.shown_value, judgment.comment) == ({"grade": 2, "scale": 8}, "plain")

    @pytest.mark.parametrize("bad", [{"grade": "99"}, {}, {"token": "nonsense", "grade": "1"}, {"skip": "nonsense"}])
    def test_a_form_that_does_not_fit_comes_back(self, client, items, bad):
        client.get(PAGE)
        form = {"token": Assignment.objects.get().token, "submission": uuid4()} | bad
        response = client.post(PAGE, form)
        assert response.status_code == 422
        assert "The answer was not stored" in response.content.decode()
        assert not Judgment.objects.exists()

    def test_other_verbs(self, client):
        assert client.put(PAGE).status_code == 405
        assert client.delete(PAGE).status_code == 405

    def test_queries_do_not_grow(self, client, project, items, django_assert_max_num_queries):
        client.get(PAGE)
        for _ in range(30):
            make_pair_item(project)
        with django_assert_max_num_queries(17):
            client.get(PAGE)


class TestBlind:
    """Nothing that goes to the browser says which completion is which."""

    @pytest.fixture
    def named(self, project):
        prompt = make_prompt(project, "Who?")
        one = make_source(project, kind="model", key="checkpoint:secret-a", name="SecretModelA")
        two = make_source(project, kind="model", key="checkpoint:secret-b", name="SecretModelB")
        item = Item.objects.create(project=project, prompt=prompt, id=987_001)
        for index, source in enumerate((one, two)):
            completion = make_completion(prompt, f"text {index}", source=source, id=876_001 + index)
            item.entries.create(completion=completion, index=index, id=765_001 + index)
        return item

    @pytest.mark.parametrize("order", [[0, 1], [1, 0]])
    def test_no_name_no_number_no_order(self, client, bob, project, named, order):
        client.get(PAGE)
        Assignment.objects.update(shown_order=order)
        token = str(Assignment.objects.get().token)
        replies = [
            client.get(PAGE),
            call(client, bob, "next", known=[]),
            call(client, bob, "beat", token=token),
            answer(client, bob, token, more=True),
            call(client, bob, "answers"),
            call(client, bob, "answered", token=token),
            call(client, bob, "undo", token=token, submission=str(uuid4())),
        ]
        for response in replies:
            text = response.content.decode()
            assert response.status_code == 200, text
            assert not re.search(r"secret|98700|87600|76500|shown_order|strength|\bindex\b", text, re.IGNORECASE), text
        body = replies[1].json()["pair"]["html"]
        assert body.index(f"text {order[0]}") < body.index(f"text {order[1]}")

    def test_both_orders_look_the_same_but_for_the_texts(self, client, bob, named):
        client.get(PAGE)
        pages = []
        for order in ([0, 1], [1, 0]):
            Assignment.objects.update(shown_order=order)
            body = call(client, bob, "next", known=[]).json()["pair"]
            pages.append(json.dumps(body).replace("text 0", "text").replace("text 1", "text"))
        assert pages[0] == pages[1]


class TestCalls:
    def test_next_is_ready_before_the_first_is_sent(self, client, bob, items):
        first = call(client, bob, "next", known=[]).json()["pair"]
        second = call(client, bob, "next", known=[first["token"]]).json()["pair"]
        assert first["token"] != second["token"]
        assert "of 1" in second["html"]
        assert second["idle_after_seconds"] == 45

    def test_an_answer_brings_the_next_pair_along(self, client, bob, items):
        first = call(client, bob, "next", known=[]).json()["pair"]
        said = answer(client, bob, first["token"], more=True, known=[]).json()
        assert (said["stored"], said["repeated"], said["surplus"]) == (True, False, False)
        assert "of 1" in said["pair"]["html"]
        assert Judgment.objects.count() == 1

    def test_the_same_submission_again_is_answered_the_same(self, client, bob, items):
        token = call(client, bob, "next", known=[]).json()["pair"]["token"]
        submission = str(uuid4())
        for repeated in (False, True):
            said = answer(client, bob, token, submission=submission).json()
            assert said["repeated"] is repeated
        assert Judgment.objects.count() == 1

    def test_undo_hands_the_pair_back(self, client, bob, items):
        token = call(client, bob, "next", known=[]).json()["pair"]["token"]
        answer(client, bob, token)
        said = call(client, bob, "undo", token=token, submission=str(uuid4())).json()
        assert said == {"stored": True, "repeated": False, "held": True}
        assert call(client, bob, "next", known=[]).json()["pair"]["token"] == token

    def test_a_beat_keeps_the_draft_and_brings_a_new_guide(self, client, bob, project, alice, items):
        token = call(client, bob, "next", known=[]).json()["pair"]["token"]
        said = call(client, bob, "beat", token=token, draft={"comment": "hm"}, guide=1).json()
        assert said == {"state": "held", "guide": 1}
        project.instructions.create(number=2, text="New **rule**", created_by=alice)
        said = call(client, bob, "beat", token=token, guide=1).json()
        assert said["guide"] == 2
        assert "<strong>rule</strong>" in said["guide_html"]
        assert Assignment.objects.get().draft == {"comment": "hm"}

    def test_only_open_sittings_can_be_read_again(self, client, bob, project, items):
        lease = next_lease(project, bob)
        give(project, bob, lease, FIRST | {"comment": "why"})
        pair = call(client, bob, "answered", token=str(lease.token)).json()["pair"]
        assert (pair["outcome"], pair["given"]["grade"], pair["comment"]) == ("answer", 1, "why")
        end_sitting(project, by=bob)
        assert call(client, bob, "answered", token=str(lease.token)).status_code == 404
        assert call(client, bob, "answers").json()["count"] == 0

    @pytest.mark.parametrize("name", ["next", "answer", "undo", "beat", "answers", "answered"])
    def test_bad_input_is_refused_in_words(self, client, bob, items, name):
        for body in (b"", b"[]", b"{", b"\xff", b"7"):
            response = client.post(f"{PAGE}{name}/", body, content_type="application/json")
            assert (response.status_code, response.json()["code"]) == (400, "malformed")
        if name not in ("next", "answers"):
            response = call(client, bob, name, token="nonsense", submission=str(uuid4()))
            assert response.status_code == 422
            assert response.json()["problems"] == [{"path": "token", "message": "token must be a UUID."}]
            response = call(client, bob, name, token=str(uuid4()), submission=str(uuid4()))
            assert response.status_code == 404

    @pytest.mark.parametrize(
        "body",
        [
            {"grade": 9},
            {"grade": None},
            {"grade": {"a": 1}},
            {"outcome": None},
            {"outcome": ["answer"]},
            {"outcome": "skip", "reason": {}},
            {"comment": "x" * 10_001},
            {"submission": "nonsense"},
        ],
    )
    def test_an_answer_that_does_not_fit_stores_nothing(self, client, bob, items, body):
        token = call(client, bob, "next", known=[]).json()["pair"]["token"]
        response = answer(client, bob, token, **body)
        assert response.status_code == 422
        assert response.json()["problems"]
        assert not Judgment.objects.exists()

    @pytest.mark.parametrize(
        "odd",
        [{"active_ms": "much"}, {"active_ms": -1}, {"active_ms": 1e308}, {"scale": 99}, {"scale": []}, {"known": None}],
    )
    def test_odd_extras_do_no_harm(self, client, bob, items, odd):
        token = call(client, bob, "next", known=[]).json()["pair"]["token"]
        assert answer(client, bob, token, more=True, **odd).status_code == 200
        assert Judgment.objects.get().scale == 8

    def test_known_must_be_tokens(self, client, bob, items):
        assert call(client, bob, "next", known="abc").status_code == 422
        assert call(client, bob, "next", known=["abc"]).status_code == 422

    def test_nothing_is_taken_in_another_name(self, client, rita, as_user, bob, items):
        token = call(client, bob, "next", known=[]).json()["pair"]["token"]
        response = answer(as_user(rita), bob, token)
        assert (response.status_code, response.json()["code"]) == (409, "other_person")
        response = answer(as_user(rita), rita, token)
        assert (response.status_code, response.json()["code"]) == (404, "unknown_lease")
        assert not Judgment.objects.exists()

    @pytest.mark.parametrize(("who", "status"), [("alice", 200), ("rita", 200), ("vera", 403), ("charlie", 404)])
    def test_who_may_label(self, cast, as_user, items, who, status):
        user = getattr(cast, who)
        assert as_user(user).get(PAGE).status_code == status
        assert call(as_user(user), user, "next", known=[]).status_code == status

    def test_a_cross_site_call_is_refused(self, bob, items):
        from django.test import Client

        client = Client(enforce_csrf_checks=True)
        client.force_login(bob)
        assert call(client, bob, "next", known=[]).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_handing_out_takes_a_dozen_queries_with_everything(client, bob, items, django_assert_max_num_queries):
    """Session, person and membership too; BEGIN and COMMIT ask nothing."""
    token = call(client, bob, "next", known=[]).json()["pair"]["token"]
    with django_assert_max_num_queries(14) as captured:
        assert call(client, bob, "next", known=[token]).json()["pair"] is not None
    asked = [query["sql"] for query in captured if not query["sql"].startswith(("BEGIN", "COMMIT"))]
    assert len(asked) <= 12


class TestEnd:
    def test_it_ends_and_shows_the_figures(self, client, bob, project, items):
        for payload in (FIRST, {"outcome": "both_bad"}, {"outcome": "skip", "reason": "other"}):
            give(project, bob, next_lease(project, bob), payload)
        response = client.post(f"{PAGE}end/")
        sitting = Sitting.objects.get()
        assert response.url == f"/p/wall/sittings/{sitting.pk}/"
        text = client.get(response.url).content.decode()
        assert "The sitting is over" in text
        assert "1 both bad, 1 skipped, 0 flagged" in text
        assert sitting.ended_at is not None

    def test_twice_is_once(self, client, bob, project, items):
        give(project, bob, next_lease(project, bob))
        assert client.post(f"{PAGE}end/").url == client.post(f"{PAGE}end/").url
        assert Sitting.objects.count() == 1

    def test_without_a_sitting_it_leads_home(self, client):
        assert client.post(f"{PAGE}end/").url == "/your-work/"

    def test_a_sitting_is_its_owners_alone(self, cast, as_user, project, items):
        give(project, cast.bob, next_lease(project, cast.bob))
        address = f"/p/wall/sittings/{Sitting.objects.get().pk}/"
        assert as_user(cast.bob).get(address).status_code == 200
        assert as_user(cast.alice).get(address).status_code == 404
        assert as_user(cast.vera).get(address).status_code == 403
        assert as_user(make_user()).get(address).status_code == 404
        assert as_user(cast.bob).get("/p/wall/sittings/999999/").status_code == 404
