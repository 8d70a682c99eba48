"""The picture of a rota. Real: the command, the local AWS over HTTP, and Chromium that draws it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_incidents.commands.rota import schedules
from pulumi_incidents.commands.rota._page import WIDTH
from pulumi_incidents.commands.rota.picture import picture
from pulumi_incidents.oncall.team import SCHEDULE, Contact, Team
from tests.conftest import ROOT
from tests.read_rotations import rotation
from tests.rota_command import WEEKS, Rota
from tests.rotas import overrides, ranges, recurrence, rotas
from tests.strategies import examples
from tools import rota as documented

SVG = "{http://www.w3.org/2000/svg}"
# How well letters can be read on what is below them: WCAG 2, relative luminance and contrast ratio.
CONTRASTS = """
    const channels = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const luminance = (colour) => channels(colour)
        .map((each) => each / 255)
        .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
        .reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
    const page = getComputedStyle(document.querySelector(".page")).fill;
    return [...document.querySelectorAll("text")].map((text) => {
        const bar = text.parentNode.querySelector(":scope > rect:not(.page)");
        const fill = text.parentNode.localName === "g" ? getComputedStyle(bar).fill : page;
        const [dark, light] = [getComputedStyle(text).fill, /^rgb/.test(fill) ? fill : page]
            .map(luminance).sort((one, other) => one - other);
        return [text.textContent, (light + 0.05) / (dark + 0.05)];
    });
"""
FITTING = """
    return [...document.querySelectorAll("g > text")].map((text) => {
        const inner = text.getBBox(), outer = text.parentNode.querySelector("rect").getBBox();
        return [text.textContent, inner.x - outer.x, outer.x + outer.width - inner.x - inner.width];
    });
"""


# More than there are colours, and some that are wide.
NAMES = (
    "Ada",
    "Bo",
    "Chidi Okonkwo",
    "Dr. Maximilian von Wörthersee",
    "WWMMWWMM",
    "李小龙",
    "G",
    "h",
    "I",
)


@pytest.fixture
def rota(local_aws, monkeypatch, capsys):
    """Return the command, pointed at the local AWS that has the team."""
    return Rota(local_aws, monkeypatch, capsys)


def parsed(drawn):
    """Return the elements of a picture."""
    return ET.fromstring(drawn)  # noqa: S314 - our own


def titles(drawn):
    """Return what a picture says of each thing in it, in its order."""
    return [group.find(f"{SVG}title").text for group in parsed(drawn).iter(f"{SVG}g")]


def test_everything_that_is_drawn_says_what_it_is(rota):
    """Whoever hears a picture hears of shifts, overrides, gaps, double bookings and hours."""
    drawn = rota("checkout", "--from", "2027-03-25", "--to", "2027-03-31", "--svg", "-")
    root = parsed(drawn)
    assert root.find(f"{SVG}title").text.startswith("Primary, Thu 25 Mar 2027 to Wed 31 Mar")
    assert {group.get("role") for group in root.iter(f"{SVG}g")} == {"img"}
    assert titles(drawn) == [
        "Weeks: Ana from Thu 25 Mar 00:00 to Thu 25 Mar 09:00",
        "Weeks: Ben for Ana from Thu 25 Mar 09:00 to Fri 26 Mar 09:00",
        "Weeks: Ana from Fri 26 Mar 09:00 to Sun 28 Mar 00:00",
        "Releases: Chidi from Thu 25 Mar 10:00 to Thu 25 Mar 16:00",
        "Nobody is on call from Sun 28 Mar 00:00 to Mon 29 Mar 00:00",
        "Sun 28 Mar 01:00 clocks go on 1 h",
        "Weeks: Ana from Mon 29 Mar 00:00 to Mon 29 Mar 09:00",
        "Weeks: Ben from Mon 29 Mar 09:00 to Thu 01 Apr 00:00",
        "Releases: Ben from Tue 30 Mar 10:00 to Tue 30 Mar 16:00",
        "Ben is in Weeks and Releases at once from Tue 30 Mar 10:00 to Tue 30 Mar 16:00",
        "Ben: 87 h on call",
        "Ana: 57 h on call",
        "Chidi: 6 h on call",
        "by an override",
        "nobody on call",
        "in two rotations at once",
    ]


def test_the_file_is_drawn_beside_the_calendar(rota, tmp_path):
    """And is the same as on stdout."""
    file = tmp_path / "rota.svg"
    assert rota("checkout", *WEEKS, "--svg", str(file)) == rota("checkout", *WEEKS)
    assert file.read_text() == rota("checkout", *WEEKS, "--svg", "-")


def test_the_picture_of_the_documents_is_what_the_command_draws(tmp_path):
    """docs/rota.svg is never edited by hand and never out of date: `make picture`."""
    documented.draw(tmp_path / "rota.svg")
    assert (ROOT / "docs/rota.svg").read_text() == (tmp_path / "rota.svg").read_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_light_and_on_dark_pages(rota, browser, tmp_path, scheme):
    """Every word has a contrast of 4.5 to 1 or more, and is within its bar."""
    people = [
        rota.contacts.create_contact(
            Alias=f"p{place}", DisplayName=name, Type="PERSONAL", Plan={"Stages": []}
        )["ContactArn"]
        for place, name in enumerate(NAMES)
    ]
    for name, rule in (("days", recurrence("08:00")), ("short", recurrence("09:00", "17:30"))):
        rota.schedule(name, people, rule, "2027-03-22T08:00")
    rota.contacts.update_contact(
        ContactId=rota.team["Contacts"]["primary"],
        Plan={
            "RotationIds": [
                each["RotationArn"] for each in rota.contacts.list_rotations()["Rotations"]
            ]
        },
    )
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    file = tmp_path / "rota.svg"
    rota("checkout", *WEEKS, "--svg", str(file))
    browser.get(file.as_uri())
    found = browser.execute_script(CONTRASTS)
    assert len(found) > 50
    assert [each for each in found if each[1] < 4.5] == []
    page = browser.execute_script("return getComputedStyle(document.querySelector('.page')).fill")
    assert page == {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}[scheme]
    inside = browser.execute_script(FITTING)
    assert len(inside) > 20
    assert [each for each in inside if min(each[1:]) < 1] == []


@examples(60)
@given(st.data())
def test_every_shift_of_random_rotas_is_in_the_picture(data):
    """Bars of a line follow each other, within the picture, as long as their times."""
    start, end = data.draw(ranges(20))
    rota = data.draw(rotas())
    made = rotation(rota._replace(overrides=data.draw(overrides(start, end, rota.members))))
    schedule = Contact("arn:s", "s", "s", SCHEDULE, (), (made.arn,))
    found = schedules.rota(
        Team({"arn:s": schedule}, {}, {made.arn: made}), ["arn:s"], ZoneInfo(made.zone), start, end
    )
    drawn = picture(found)
    shown = [title for title in titles(drawn) if title.startswith(f"{made.name}: ")]
    [lane] = found.schedules[0].lanes
    weeks = schedules.days(found, 7)
    assert len(shown) == sum(len(schedules.pieces(lane, week)) for week in weeks)
    for rect in parsed(drawn).iter(f"{SVG}rect"):
        assert (
            0
            <= float(rect.get("x", 0))
            <= float(rect.get("x", 0)) + float(rect.get("width"))
            <= WIDTH
        )


def test_bars_are_where_their_times_are(rota):
    """A day is as wide as any other, also where clocks change, and each hour is its part of it."""
    rota.schedule("turns", rota.people, recurrence("12:00"), "2027-03-01T12:00")
    drawn = rota("turns", *WEEKS, "--svg", "-", code=0)
    days = {
        text.text: float(text.get("x"))
        for text in parsed(drawn).iter(f"{SVG}text")
        if text.text.endswith(" Mar")
    }
    bars = {
        group.find(f"{SVG}title").text: group.find(f"{SVG}rect")
        for group in parsed(drawn).iter(f"{SVG}g")
    }
    width = days["Tue 23 Mar"] - days["Mon 22 Mar"]
    sunday, monday = (
        next(bar for title, bar in bars.items() if f" from {day} 12:00 to" in title)
        for day in ("Sun 28 Mar", "Mon 29 Mar")
    )
    # On Sunday noon is after 11 of 23 hours, and the week ends with the day.
    assert float(sunday.get("x")) - days["Sun 28 Mar"] == pytest.approx(
        11 / 23 * width - 5, abs=0.2
    )
    assert float(sunday.get("width")) == pytest.approx(12 / 23 * width - 2, abs=0.2)
    assert float(monday.get("x")) - days["Mon 29 Mar"] == pytest.approx(width / 2 - 5, abs=0.2)
    assert float(monday.get("width")) == pytest.approx(width - 2, abs=0.2)
