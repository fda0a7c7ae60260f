"""Quality as pages: what they show to whom, empty, full, under way and failed; the form about oneself."""

import re

import pytest
from django.core.cache import cache

from annotation.models import QualityReport, SelfDescription
from annotation.services import quality
from annotation.services.quality import compute, request_report
from tests.factories import make_judgment, make_pair_item, make_prompt, make_rater, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PAGES = ("", "raters/", "disagreements/", "circles/", "representation/")


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    cache.clear()
    monkeypatch.setattr(quality, "enqueue", lambda name, **ids: None)


@pytest.fixture
def judged(project, bob):
    """Sixty pairs: bob always takes the left one, two others the better one."""
    people = [make_rater(project, bob), *(make_rater(project, make_user(name), name=name) for name in ("dora", "emma"))]
    for n in range(60):
        prompt = make_prompt(project, f"ask {n}", category="maths" if n % 2 else "prose")
        item = make_pair_item(project, f"<b>good</b> {n:02d}", f"worse words {n:02d}", prompt=prompt)
        for rater in people:
            order = [0, 1] if n % 2 else [1, 0]
            strength = (2 if order[0] == 0 else -2) if rater is people[0] else 3
            make_judgment(item, rater=rater, strength=strength, shown_order=order, active_ms=8000, comment=f"said {n}")
    return project


@pytest.fixture
def reported(judged, alice):
    compute(request_report(judged, by=alice).pk)
    return QualityReport.objects.get()


def page(client, path="", **options):
    return client.get(f"/p/wall/quality/{path}", **options).content.decode()


def test_without_a_report_every_page_says_what_to_do(judged, rita, vera, as_user):
    researcher, viewer = as_user(rita), as_user(vera)
    assert "No report yet" in page(researcher)
    assert "Compute it" in page(researcher)
    assert "Compute it" not in page(viewer)
    for path in PAGES[1:]:
        assert "Not computed yet" in page(researcher, path), path
    assert researcher.get("/p/wall/quality/raters/1/").status_code == 404


def test_it_is_asked_for_by_button_and_watched(judged, rita, as_user):
    client = as_user(rita)
    answer = client.post("/p/wall/quality/compute/", {"queue": "", "week": ""})
    assert answer.url == "/p/wall/quality/"
    waiting = page(client)
    assert 'hx-trigger="every 2s"' in waiting
    assert "No worker is running" in waiting
    compute(QualityReport.objects.get().pk)
    part = page(client, headers={**HTMX, "HX-Target": "report"})
    assert part.lstrip().startswith('<div id="report"')
    assert "hx-trigger" not in part
    assert "Krippendorff" in part


def test_nothing_to_weigh_is_said(project, rita, as_user):
    client = as_user(rita)
    client.post("/p/wall/quality/compute/")
    assert "There is nothing to weigh yet" in page(client)


def test_a_failed_report_says_so_beside_the_one_before(reported, rita, as_user):
    QualityReport.objects.create(project=reported.project, state="failed", error="It broke.")
    told = page(as_user(rita))
    assert "It broke." in told
    assert "Try again" in told
    assert "Agreement by criterion" in told


def test_the_overview_tells_figures_with_n_and_interval(reported, vera, as_user):
    told = page(as_user(vera))
    assert re.search(r'data-figure="agreement">[\u22120-9.]+ <span class="ci">\[', told)
    assert "60 items" in told
    assert "1 of 3 raters show" in told
    assert "prefers a side (1)" in told.lower()
    assert "The left answer wins 67 % of the time" in told
    for name in ("bob", "dora", "annotator 0"):
        assert name not in told


def test_below_the_least_n_it_says_how_many_more(project, alice, as_user):
    for _ in range(12):
        item = make_pair_item(project)
        for _ in range(2):
            make_judgment(item)
    compute(request_report(project, by=alice).pk)
    told = page(as_user(alice))
    assert "About 38 more before agreement means anything" in told
    assert "12 of 50" in told


def test_raters_by_name_for_leads_and_by_number_for_researchers(reported, alice, rita, as_user):
    lead, researcher = page(as_user(alice), "raters/"), page(as_user(rita), "raters/")
    assert "bob" in lead
    assert "Prefers a side" in lead
    assert "dora" not in researcher
    assert ">bob<" not in researcher
    assert re.search(r"annotator \d\d", researcher)


def test_a_rater_s_page(reported, alice, rita, as_user):
    bob = reported.raters.get(rater__name="bob").rater_id
    lead = page(as_user(alice), f"raters/{bob}/")
    assert "Takes the left one" in lead
    assert "takes the left one" in lead
    assert "<h1>bob" in lead
    assert "bob" not in page(as_user(rita), f"raters/{bob}/").replace("data-account", "")
    dora = page(as_user(alice), f"raters/{reported.raters.get(rater__name='dora').rater_id}/")
    assert "Nothing stands out" in dora


def test_disagreements_side_by_side_filtered_and_paged(reported, alice, rita, as_user, django_assert_max_num_queries):
    client = as_user(rita)
    told = page(client, "disagreements/")
    assert "&lt;b&gt;good" in told or "<b>good" not in told
    assert "First is better" in told  # 3 of 4 steps
    assert "Second is slightly better" in told
    assert "“said" in told
    assert "bob" not in told.replace("annotator", "")
    assert "bob" in page(as_user(alice), "disagreements/")
    assert len(re.findall(r'class="item-prompt"', told)) == 8
    assert "page=2" in told
    # bob is against the others on every second item, and less sure than they on the rest
    counts = {}
    for query in ("", "kind=sides", "kind=degree", "kind=bad", "category=maths", "category=nothing"):
        found = re.search(r"(\d+) items?, those", page(client, f"disagreements/?{query}"))
        counts[query] = int(found[1]) if found else 0
    assert counts == {"": 60, "kind=sides": 30, "kind=degree": 30, "kind=bad": 0, "category=maths": 30,
                      "category=nothing": 0}  # fmt: skip
    part = page(client, "disagreements/?kind=bad", headers={**HTMX, "HX-Target": "found"})
    assert "No item passes these filters" in part
    with django_assert_max_num_queries(16):
        client.get("/p/wall/quality/disagreements/?page=3")


@pytest.mark.parametrize("query", ["page=x&rater=%00", "rater=9999999", "week=never", "week=2026-13-77", "queue=%27"])
def test_addresses_that_mean_nothing_do_no_harm(reported, rita, as_user, query):
    client = as_user(rita)
    for path in PAGES:
        assert client.get(f"/p/wall/quality/{path}?{query}").status_code == 200, path


def test_a_week_is_a_scope_of_its_own(reported, rita, as_user):
    client, week = as_user(rita), reported.body["weeks"][0]["week"]
    assert "Nothing was computed over this work and these days" in page(client, f"?week={week}")
    answer = client.post("/p/wall/quality/compute/", {"queue": "label", "week": week})
    assert answer.url == f"/p/wall/quality/?queue=label&week={week}"
    made = QualityReport.objects.get(queue="label")
    assert made.since == week
    compute(made.pk)
    assert "180 judgments" in page(client, f"?queue=label&week={week}")


def test_circles_are_shown_with_their_items(project, alice, rita, as_user):
    rater, prompt = make_rater(project, make_user("dora"), name="dora"), make_prompt(project, "Which is best?")
    items = [make_pair_item(project, *pair, prompt=prompt) for pair in (("a", "b"), ("b", "c"), ("c", "a"))]
    for item in items:
        make_judgment(item, rater=rater, strength=2)
    compute(request_report(project, by=alice).pk)
    told = page(as_user(rita), "circles/")
    assert "1 of 1 decided triples go round" in told
    assert all(f"item {item.pk}<" in told for item in items)
    assert "dora" not in told
    assert "dora" in page(as_user(alice), "circles/")


def test_nobody_goes_round(reported, rita, as_user):
    assert "Nothing to go round in" in page(as_user(rita), "circles/")


def test_representation_needs_five_and_hides_small_groups(judged, alice, vera, as_user):
    for n in range(6):
        user = make_user(f"six-{n}")
        make_judgment(make_pair_item(judged), rater=make_rater(judged, user))
        SelfDescription.objects.create(user=user, age="25-34", gender="woman" if n < 5 else "man")
    compute(request_report(judged, by=alice).pk)
    told = page(as_user(vera), "representation/")
    assert "6 of the 9 people" in told
    assert re.search(r"25 to 34</th><td class=\"n\">6<", told)
    assert re.search(r"Woman</th><td class=\"n muted\">fewer", told)  # with it, Man could be had by subtraction
    SelfDescription.objects.filter(user__username__in=["six-0", "six-1"]).delete()
    assert "Too few to count" in page(as_user(vera), "representation/")


def test_about_you_is_kept_changed_and_forgotten(bob, as_user):
    client = as_user(bob)
    assert "I would rather not say" in client.get("/about-you/").content.decode()
    client.post("/about-you/", {"age": "35-44", "language": "el"})
    assert SelfDescription.objects.values_list("age", "language", "gender").get(user=bob) == ("35-44", "el", "")
    client.post("/about-you/", {"age": ""})
    assert SelfDescription.objects.get(user=bob).age == ""
    wrong = client.post("/about-you/", {"age": "ancient"})
    assert wrong.status_code == 422
    client.post("/about-you/", {"forget": "1"})
    assert not SelfDescription.objects.exists()


def test_pages_ask_little(reported, alice, as_user, django_assert_max_num_queries):
    client = as_user(alice)
    for path in (*PAGES, f"raters/{reported.raters.first().rater_id}/"):
        client.get(f"/p/wall/quality/{path}")
        with django_assert_max_num_queries(16):
            client.get(f"/p/wall/quality/{path}")
