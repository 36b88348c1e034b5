"""Which period a review is issued in, and when: years of Mondays, with time as an argument."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import issued, periods
from feeds.digest.due import Calendar, Due, Moved, Record, assigned, due, unmailed
from feeds.issued import Line
from feeds.periods import Period, Rule

WEEK, MONTH, FRIDAY = Rule(), Rule("month"), Rule(day=4)
LANGUAGES = ("en", "zh")
NO_SUM = "0" * 64
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Review:
    """A review, and when it came to lie in the site: often later than its date."""

    id: str
    published: datetime
    language: str = "en"
    arrives: datetime = LONG_AGO


@dataclass
class Owner:
    """A site and its record, over time."""

    calendar: Calendar
    reviews: list[Review]
    record: Record = field(default_factory=Record)
    issues: list[tuple[Period, str, list[Review], datetime]] = field(default_factory=list)
    left_out: list[tuple[Period, str, list[Review]]] = field(default_factory=list)

    def waiting(self, now: datetime, moved: Moved | None = None) -> dict[str, dict[str, list[Review]]]:
        return {
            code: assigned(self.there(now, code), code, self.calendar, self.record, now, moved) for code in LANGUAGES
        }

    def there(self, now: datetime, code: str) -> list[Review]:
        return [one for one in self.reviews if one.language == code and max(one.published, one.arrives) <= now]

    def due(self, now: datetime) -> Due:
        return due(self.waiting(now), self.calendar, self.record, now)

    def issue(self, now: datetime) -> Due:
        """What `feeds digest --issue` records."""
        waiting = self.waiting(now)
        found = due(waiting, self.calendar, self.record, now)
        lines, held = dict(self.record.lines), {code: {*self.record.held.get(code, ())} for code in LANGUAGES}
        closing = [(period, code, "skipped") for period, codes in found.skipped for code in codes]
        closing += [(found.period, code, "issued") for code in found.languages if found.period]
        for period, code, state in closing:
            reviews = waiting[code][period.name]
            lines[code, period.name] = Line(code, period.name, state, now.isoformat(), NO_SUM)
            held[code] |= {review.id for review in reviews}
            if state == "issued":
                self.issues.append((period, code, reviews, now))
            else:
                self.left_out.append((period, code, reviews))
        self.record = Record(lines=lines, held={code: frozenset(ids) for code, ids in held.items()})
        return found


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def owner(*reviews: Review, rule: Rule = WEEK, zone: str = "UTC", hour: int = 0, grace: int = 1) -> Owner:
    return Owner(Calendar(rule, ZoneInfo(zone), hour, grace), list(reviews))


def review(day: str, arrives: str = "", language: str = "en") -> Review:
    return Review(f"{language}/{day}/{arrives}", at(f"{day}T12:00"), language, at(f"{arrives or day}T12:00"))


def names(found: Owner) -> list[tuple[str, str, list[str]]]:
    return [(period.name, code, [one.id for one in reviews]) for period, code, reviews, _ in found.issues]


# Periods


@pytest.mark.parametrize(
    ("name", "rule", "first", "last"),
    [
        ("2026-W18", WEEK, "2026-04-27", "2026-05-03"),
        ("2026-W18", FRIDAY, "2026-04-24", "2026-04-30"),
        ("2026-W01", WEEK, "2025-12-29", "2026-01-04"),
        ("2026-W53", WEEK, "2026-12-28", "2027-01-03"),
        ("2026-05", MONTH, "2026-05-01", "2026-05-31"),
        ("2026-2", MONTH, "2026-02-01", "2026-02-28"),
        ("2026w7", WEEK, "2026-02-09", "2026-02-15"),
    ],
)
def test_a_name_says_which_days(name: str, rule: Rule, first: str, last: str) -> None:
    found = periods.named(name, rule)

    assert (str(found.first), str(found.last)) == (first, last)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("2026-W54", WEEK),
        ("2026-05", WEEK),
        ("2026-W18", MONTH),
        ("2026-13", MONTH),
        ("0000-W01", WEEK),
        ("", WEEK),
        ("9999-12", MONTH),
    ],
)
def test_a_period_that_does_not_exist_has_a_remedy(name: str, rule: Rule) -> None:
    with pytest.raises(ValueError, match=f"write one like {rule.example}$"):
        periods.named(name, rule)


RULES = st.one_of(st.builds(Rule, st.just("week"), st.integers(0, 6)), st.just(MONTH))
DAYS = st.dates(date(1970, 1, 10), date(2090, 1, 1))


@settings(max_examples=300)
@given(rule=RULES, day=DAYS)
def test_every_day_is_in_one_period_whose_name_leads_back(rule: Rule, day: date) -> None:
    found = periods.containing(day, rule)

    assert found.first <= day <= found.last
    assert periods.named(found.name, rule) == found
    assert periods.following(periods.earlier(found, rule), rule) == found
    assert periods.earlier(found, rule).last == found.first - timedelta(days=1)
    assert rule.kind == "month" or found.first.weekday() == rule.day
    assert periods.of_either_kind(found.name, MONTH if rule.kind == "week" else WEEK)


# What is due


def test_before_the_first_issue_nothing_was_missed() -> None:
    one = owner(review("2026-03-02"), review("2026-04-22"), review("2026-04-28"))

    assert one.due(at("2026-04-27T00:00")).period == periods.named("2026-W17", WEEK)
    assert one.due(at("2026-04-26T23:59")).period is None
    assert one.due(at("2026-05-03T23:59")) == one.due(at("2026-04-27T00:00"))  # the open week is never offered
    assert one.due(at("2026-05-18T00:00")).period is None


def test_an_hour_says_from_when_an_issue_is_due_and_moves_no_boundary() -> None:
    one = owner(review("2026-04-22"), review("2026-04-27"), zone="Asia/Shanghai", hour=9)

    assert one.due(at("2026-04-27T08:59", "Asia/Shanghai")).period is None
    one.issue(at("2026-04-27T09:00", "Asia/Shanghai"))
    assert names(one) == [("2026-W17", "en", ["en/2026-04-22/"])]


def test_a_week_with_summer_time_in_it_ends_at_midnight() -> None:
    one = owner(review("2026-03-28"), zone="Europe/Berlin", rule=Rule(day=0))

    assert one.due(at("2026-03-29T23:59", "Europe/Berlin")).period is None
    assert one.due(datetime(2026, 3, 29, 21, 59, tzinfo=UTC)).period is None
    assert one.due(datetime(2026, 3, 29, 22, 0, tzinfo=UTC)).period == periods.named("2026-W13", WEEK)


def test_of_missed_periods_the_oldest_comes_first_one_a_call_and_what_is_too_old_is_left_out() -> None:
    days = ["2026-04-01", "2026-04-08", "2026-04-15", "2026-04-22"]
    one = owner(*map(review, days))
    one.issue(at("2026-04-06T00:00"))
    found = one.due(at("2026-04-27T08:00"))

    assert found.period == periods.named("2026-W16", WEEK)
    assert [period.name for period in found.later] == ["2026-W17"]
    assert [period.name for period, _ in found.skipped] == ["2026-W15"]
    one.issue(at("2026-04-27T08:00"))
    one.issue(at("2026-04-27T08:00"))
    assert one.issue(at("2026-04-27T08:00")) == Due()
    assert [name for name, _, _ in names(one)] == ["2026-W14", "2026-W16", "2026-W17"]
    assert [(period.name, [one.id for one in reviews]) for period, _, reviews in one.left_out] == [
        ("2026-W15", ["en/2026-04-08/"])
    ]


def test_late_and_back_dated_reviews_come_in_the_next_issue() -> None:
    one = owner(review("2026-04-01"), review("2026-04-02", arrives="2026-04-07"), review("2026-04-09"))
    one.issue(at("2026-04-06T00:00"))
    one.issue(at("2026-04-13T00:00"))

    assert names(one) == [
        ("2026-W14", "en", ["en/2026-04-01/"]),
        ("2026-W15", "en", ["en/2026-04-02/2026-04-07", "en/2026-04-09/"]),
    ]


def test_a_late_review_is_not_left_out_with_what_was_missed() -> None:
    one = owner(review("2026-04-01"), review("2026-04-02", arrives="2026-05-20"), review("2026-04-15"))
    one.issue(at("2026-04-06T00:00"))
    one.issue(at("2026-06-01T00:00"))

    assert names(one)[1:] == [("2026-W21", "en", ["en/2026-04-02/2026-05-20"])]
    assert [period.name for period, _, _ in one.left_out] == ["2026-W16"]


def test_a_line_in_one_language_closes_the_period_in_all() -> None:
    one = owner(review("2026-04-01"), review("2026-04-02", arrives="2026-04-08", language="zh"))
    one.issue(at("2026-04-06T00:00"))
    one.issue(at("2026-04-13T00:00"))

    assert names(one) == [
        ("2026-W14", "en", ["en/2026-04-01/"]),
        ("2026-W15", "zh", ["zh/2026-04-02/2026-04-08"]),
    ]


def test_history_begins_where_the_owner_says() -> None:
    one = owner(review("2026-04-01"), review("2026-04-08"))
    one.calendar = one.calendar._replace(since=periods.named("2026-W15", WEEK))

    assert [*one.waiting(at("2026-04-12T00:00"))["en"]] == ["2026-W15"]
    assert one.due(at("2026-04-06T00:00")).period is None
    assert one.due(at("2026-04-13T00:00")).period == periods.named("2026-W15", WEEK)


def test_an_editor_moves_a_review_or_leaves_it_out() -> None:
    reviews = [review("2026-04-01"), review("2026-04-02"), review("2026-03-03")]
    one = owner(*reviews)
    moved = Moved({reviews[2].id: "2026-W14"}, {reviews[0].id: "2026-W14"})

    assert one.waiting(at("2026-04-06T00:00"), moved)["en"] == {"2026-W14": [reviews[1], reviews[2]]}


def test_months_after_weeks_and_weeks_after_months_lose_no_review() -> None:
    one = owner(review("2026-04-28"), review("2026-05-02"), review("2026-05-05"), review("2026-06-10"))
    one.issue(at("2026-05-04T00:00"))
    one.calendar = one.calendar._replace(rule=MONTH)
    one.issue(at("2026-06-01T00:00"))
    one.calendar = one.calendar._replace(rule=WEEK)
    one.issue(at("2026-06-15T00:00"))

    assert names(one) == [
        ("2026-W18", "en", ["en/2026-04-28/", "en/2026-05-02/"]),
        ("2026-05", "en", ["en/2026-05-05/"]),
        ("2026-W24", "en", ["en/2026-06-10/"]),
    ]


def test_a_clock_before_the_last_issue_is_told_with_its_line() -> None:
    line = Line("en", "2026-W18", "issued", "2026-05-04T08:00:00+00:00", NO_SUM, 2)
    record = Record(lines={line.key: line})

    assert record.early(at("2026-05-04T08:00")) is None
    assert str(record.early(at("2026-05-04T07:59"))).startswith("feeds.issued:2: error: 2026-W18 (en) was issued at")
    assert [*unmailed(record)] == [line]


START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 10, tzinfo=UTC)
MOMENTS = st.integers(0, 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
LATE = st.one_of(st.just(0), st.integers(0, 40)).map(lambda days: timedelta(days=days))
REVIEWS = st.lists(st.tuples(MOMENTS, LATE, st.sampled_from(LANGUAGES)), max_size=60)
ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Pacific/Auckland"])


@settings(max_examples=40)
@given(
    rows=REVIEWS,
    rule=RULES,
    zone=ZONES,
    hour=st.integers(0, 23),
    grace=st.integers(0, 3),
    asleep=st.sets(st.integers(0, 374)),
)
def test_in_a_year_every_review_is_in_one_issue_or_told_to_be_left_out(
    rows: list[tuple[datetime, timedelta, str]], rule: Rule, zone: str, hour: int, grace: int, asleep: set[int]
) -> None:
    reviews = [Review(f"{code}/{n}", when, code, when + late) for n, (when, late, code) in enumerate(rows)]
    one = Owner(Calendar(rule, ZoneInfo(zone), hour, grace), reviews)
    first = datetime(2026, 1, 1, 7, 30, tzinfo=UTC)
    for day in range((END - first).days):
        now = first + timedelta(days=day)
        if day not in asleep or now > END - timedelta(days=3):
            known = one.record.bounds(rule)
            found = one.issue(now)
            for period in [found.period] if found.period else []:
                assert periods.has_come(periods.start(period.after, one.calendar.zone, hour), now)
                assert not known or period.last >= known[1]  # never back in time
            if found.period:
                again = one.due(now)
                assert again.period is None or again.period.last > found.period.last

    issued_ids = [one.id for _, _, held, _ in one.issues for one in held]
    left = [one.id for _, _, held in one.left_out for one in held]
    waiting = [one.id for found in one.waiting(END).values() for held in found.values() for one in held]
    assert Counter(issued_ids + left + waiting) == Counter(one.id for one in one_by_one(one, END))
    bounds = one.record.bounds(rule)
    for code, by_name in one.waiting(END).items():
        for name, held in by_name.items():
            period = periods.named(name, rule)
            before, open_still = not bounds or period.first < bounds[0], period.last > one.calendar.last_over(END).last
            assert before or open_still or one.due(END).period, (code, name, held)
    for _, _, held, now in one.issues:
        assert all(one.published <= now and one.arrives <= now for one in held)


def one_by_one(one: Owner, now: datetime) -> list[Review]:
    return [review for code in LANGUAGES for review in one.there(now, code)]


# The lines

LINE = "en\t2026-W18\tissued\t2026-05-04T08:00:00+08:00\t" + "a" * 64


def test_lines_are_sorted_and_read_back() -> None:
    lines = [Line("zh", "2026-W18", "issued", "2026-05-04T08:00:00+08:00", NO_SUM)]
    lines += [Line("en", name, "mailed", "2026-05-04T08:00:00Z", NO_SUM) for name in ("2026-W18", "2026-W17")]
    text = issued.show(lines)
    found = issued.ledger(text)

    assert [line.key for line in found.lines.values()] == [("en", "2026-W17"), ("en", "2026-W18"), ("zh", "2026-W18")]
    assert issued.show(found.lines.values()) == text
    assert not found.problems
    assert not found.damaged
    assert [line.number for line in found.lines.values()] == [2, 3, 4]


@pytest.mark.parametrize(
    ("text", "states", "told"),
    [
        (LINE.replace("\t", "    "), ["issued"], ["1: warning: has blanks for tabs"]),
        (LINE[:-1], [], ["1: error: is not a valid line"]),
        (LINE.replace("issued", "posted"), [], ["1: error: is not a valid line"]),
        (LINE.replace("+08:00", ""), [], ["1: error: is not a valid line"]),
        (LINE.replace("2026-W18", "../../x"), [], ["1: error: is not a valid line"]),
        ("\x00\x01", [], ["1: error: is not a valid line"]),
        (f"{LINE}\n{LINE.replace('issued', 'mailed')}", ["mailed"], ["2: warning: is a second line"]),
        (f"{LINE}\n{LINE.replace('issued', 'skipped')}", ["issued"], ["2: warning: is a second line"]),
        (
            f"<<<<<<< ours\n{LINE}\n=======\n{LINE.replace('issued', 'mailed')}\n>>>>>>> theirs",
            ["mailed"],
            ["1: warning: a merge conflict"],
        ),
        (f"\ufeff# a comment\r\n\r\n{LINE}\r\n", ["issued"], []),
    ],
)
def test_what_happens_to_a_file_is_told_and_nothing_is_lost(text: str, states: list[str], told: list[str]) -> None:
    found = issued.ledger(text)

    assert [line.state for line in found.lines.values()] == states
    assert len(found.problems) == len(told)
    for problem, said in zip(found.problems, told, strict=True):
        assert str(problem).startswith(f"feeds.issued:{said}")
    again = issued.show(found.lines.values(), found.damaged)
    assert issued.ledger(again).lines.keys() == found.lines.keys()
    assert len(issued.ledger(again).damaged) == len(found.damaged)


@given(st.text(alphabet="en\t 2026-W18issued<>=|#\n\r0aT:+", max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = issued.ledger(text)

    assert issued.ledger(issued.show(found.lines.values(), found.damaged)).lines.keys() == found.lines.keys()
