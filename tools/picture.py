"""Make `docs/console.png`: the console with the incident that `make up` made, in Chromium.

`python -m tools.picture`, called by make while the local AWS runs.
"""

from __future__ import annotations

import shutil
import sys

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tools import local_aws
from tools.common import ToolError, exit_code
from tools.local import LOCAL, NOT_RUNNING
from tools.local_aws import ROOT

PICTURE = ROOT / "docs" / "console.png"
WIDTH, HEIGHT = 1280, 960
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")


def take() -> None:
    """Open the page, follow the first incident, and keep what is seen."""
    aws = local_aws.recorded(LOCAL)
    if aws is None or not local_aws.is_running(aws):
        raise ToolError(NOT_RUNNING)
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (browser and driver):
        raise ToolError("The picture needs a browser: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in FLAGS:
        options.add_argument(flag)
    chromium = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        _look(chromium, aws.url)
        PICTURE.write_bytes(chromium.get_screenshot_as_png())
    except WebDriverException as error:
        raise ToolError(f"The page does not show an incident: {error.msg}") from error
    finally:
        chromium.quit()
    print(PICTURE.relative_to(ROOT))


def _look(chromium: webdriver.Chrome, url: str) -> None:
    size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    light = [{"name": "prefers-color-scheme", "value": "light"}]
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": light})
    chromium.get(f"{url}/")
    wait = WebDriverWait(chromium, 20)
    wait.until(lambda page: page.find_elements(By.CSS_SELECTOR, ".incident-row a"))[0].click()
    wait.until(lambda page: page.find_elements(By.CSS_SELECTOR, ".timeline .event"))
    # The heading has the focus after a click, and a picture needs none.
    chromium.execute_script("document.activeElement.blur()")


if __name__ == "__main__":
    sys.exit(exit_code(take))
