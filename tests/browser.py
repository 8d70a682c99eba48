"""Chromium, as a person has it, but without a window, and the console in it."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
)


@contextmanager
def chromium(profile):
    """Give a browser that keeps a log, with its profile in an empty folder."""
    program, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (program and chromedriver):
        pytest.fail("These tests need a browser: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(chromedriver))
    try:
        yield driver
    finally:
        driver.quit()


class Page:
    """The console in a browser, in the words of a person who looks at it."""

    def __init__(self, driver, aws):
        self.driver = driver
        self.aws = aws

    def open(self, path="#/incidents"):
        """Open a view in a page that knows nothing yet."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.aws.url}/{path}")
        self.until(lambda: self.all("main h1"), "there is no heading")

    def until(self, condition, what, seconds=60):
        """Wait for something to become true, and return it."""
        passing = (NoSuchElementException, StaleElementReferenceException)
        wait = WebDriverWait(self.driver, seconds, 0.05, passing)
        try:
            return wait.until(lambda _: condition())
        except TimeoutException:
            pytest.fail(f"{what}; the page says:\n{self.text()}")

    def all(self, selector):
        """Return all elements of a selector."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector="body"):
        """Return the text that a selector's first element shows, however soon it is replaced."""
        script = "return document.querySelector(arguments[0])?.innerText ?? ''"
        return self.driver.execute_script(script, selector)

    def sees(self, text, selector="main"):
        """Wait until a text is shown."""
        self.until(lambda: text in self.text(selector), f"{text!r} is not shown")

    def names(self):
        """Return what the rows of a list are called."""
        script = (
            "return [...document.querySelectorAll('main .row .what > a')].map((a) => a.innerText)"
        )
        return self.driver.execute_script(script)

    def button(self, name, within="body"):
        """Return the button or link that has a name."""
        kinds = "self::button or self::a or self::summary"
        path = f".//*[{kinds}][normalize-space()={json.dumps(name)}]"
        return self.until(
            lambda: self.driver.find_element(By.CSS_SELECTOR, within).find_element(By.XPATH, path),
            f"there is no button {name}",
        )

    def press(self, name, within="body"):
        """Click it."""
        self.button(name, within).click()

    def field(self, label, within="main"):
        """Return the control that a label is for."""
        script = """
            const labels = [...document.querySelectorAll(`${arguments[0]} label`)];
            return labels.find((each) => each.textContent === arguments[1])?.control ?? null
        """
        return self.until(
            lambda: self.driver.execute_script(script, within, label), f"no field {label}"
        )

    def fill(self, label, text, within="main"):
        """Type over what is in a field."""
        control = self.field(label, within)
        control.clear()
        control.send_keys(text)

    def choose(self, label, option, within="main"):
        """Choose an option of a select."""
        for each in self.field(label, within).find_elements(By.TAG_NAME, "option"):
            if each.text == option:
                each.click()

    def focused(self):
        """Return the text of what has the focus."""
        return self.driver.execute_script("return document.activeElement.innerText")

    def keys(self, *keys):
        """Type, wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def complaints(self):
        """Return what the browser logged: errors of scripts, refusals of the policy."""
        return self.driver.get_log("browser")


def at(kind, arn):
    """Return the address of a view of one thing."""
    return f"#/{kind}/{quote(arn, safe='')}"


def assert_accessible(page, where):
    """Let axe-core look at the whole document."""
    violations = Axe().run(page.driver)["violations"]
    found = [
        (each["id"], each["help"], [node["html"] for node in each["nodes"]][:3])
        for each in violations
    ]
    assert found == [], where
