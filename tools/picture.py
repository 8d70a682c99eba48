"""Make the pictures of the console in `docs`, in Chromium.

`python -m tools.picture`, called by make while the local AWS runs: `console.png` is the incident
that `make up` made. `on-call.png` and `engagements.png` are of a small team of their own.
"""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from pulumi_incidents.emulator.testing import running
from tools import local_aws, team
from tools.common import ToolError, exit_code
from tools.local import LOCAL, NOT_RUNNING
from tools.local_aws import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = ROOT / "docs"
WIDTH, HEIGHT = 1280, 960
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")
# How long after its start the incident of the team is looked at, in seconds.
LATER = 400


def take() -> None:
    """Take all of them."""
    aws = local_aws.recorded(LOCAL)
    if aws is None or not local_aws.is_running(aws):
        raise ToolError(NOT_RUNNING)
    try:
        with _chromium() as chromium:
            _open_incident(chromium, aws.url)
            _keep(chromium, "console.png", ".timeline .event")
            _take_team(chromium)
    except WebDriverException as error:
        raise ToolError(f"The page does not show what is to be seen: {error.msg}") from error


def _take_team(chromium: webdriver.Chrome) -> None:
    """Take who is on call, and an incident some minutes after it has engaged them."""
    with running() as aws:
        plan = team.make(aws).plan
        chromium.get(f"{aws.url}/#/on-call")
        _keep(chromium, "on-call.png", ".calendar .shift")
        aws.client("ssm-incidents").start_incident(responsePlanArn=plan)
        aws.advance(LATER)
        _open_incident(chromium, aws.url)
        _keep(chromium, "engagements.png", ".stage.later")
        chromium.get("about:blank")


@contextmanager
def _chromium() -> Iterator[webdriver.Chrome]:
    """Give a browser whose page is as large as a picture, and light."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (browser and driver):
        raise ToolError("The pictures need a browser: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in FLAGS:
        options.add_argument(flag)
    chromium = webdriver.Chrome(options, webdriver.ChromeService(driver))
    size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    light = [{"name": "prefers-color-scheme", "value": "light"}]
    try:
        chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": light})
        # So that hours are those of the team, wherever the picture is taken.
        chromium.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": team.ZONE})
        yield chromium
    finally:
        chromium.quit()


def _open_incident(chromium: webdriver.Chrome, url: str) -> None:
    """Open the page, and follow the first incident."""
    chromium.get(f"{url}/")
    _wait(chromium, ".incident-row a")
    chromium.find_element(By.CSS_SELECTOR, ".incident-row a").click()


def _keep(chromium: webdriver.Chrome, name: str, seen: str) -> None:
    """Keep what is seen, once that is on the page."""
    _wait(chromium, seen)
    # The heading has the focus after a click, and a picture needs none.
    chromium.execute_script("document.activeElement.blur()")
    picture = DOCS / name
    picture.write_bytes(chromium.get_screenshot_as_png())
    print(picture.relative_to(ROOT))


def _wait(chromium: webdriver.Chrome, seen: str) -> None:
    WebDriverWait(chromium, 20).until(lambda page: page.find_elements(By.CSS_SELECTOR, seen))


if __name__ == "__main__":
    sys.exit(exit_code(take))
