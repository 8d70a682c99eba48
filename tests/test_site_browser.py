"""The site as a person reads it, on a phone and beside other windows.

Real: Sphinx, which builds the site of these files in `.venv-docs`; headless Chromium, which shows
each page of it.
"""

from __future__ import annotations

import subprocess

import pytest

from tests.browser import chromium
from tests.conftest import ROOT

PYTHON = ROOT / ".venv-docs/bin/python"

# A phone, a tablet, a small window, and laptops.
WIDTHS = (390, 820, 1024, 1280, 1366)

# What cannot be read on a page: words outside of it or in a box that has to be moved sideways, and
# drawings of words that are much smaller than they were drawn.
UNREADABLE = """
const width = document.documentElement.clientWidth, found = [];
if (document.documentElement.scrollWidth > width) found.push("the page is wider than the window");
const article = document.querySelector("article") ?? document.body;
for (const box of article.querySelectorAll("pre, table, .table-wrapper"))
  if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).display !== "none")
    found.push(`moves sideways: ${box.innerText.slice(0, 60)}`);
const words = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
while (words.nextNode()) {
  const range = document.createRange();
  range.selectNodeContents(words.currentNode);
  if ([...range.getClientRects()].some((each) => each.left < 0 || each.right > width + 1))
    found.push(`outside: ${words.currentNode.textContent.trim().slice(0, 60)}`);
}
for (const image of article.querySelectorAll("img")) {
  if (!image.naturalWidth) found.push(`is not there: ${image.src}`);
  if (image.getBoundingClientRect().left < 0) found.push(`outside: ${image.src}`);
  if (image.src.endsWith(".svg") && image.width < 0.85 * image.naturalWidth)
    found.push(`too small: ${image.src}`);
}
return found;
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site, and return its folder."""
    if not PYTHON.exists():
        pytest.fail("The site is built by what is in .venv-docs: make .venv-docs/.installed")
    folder = tmp_path_factory.mktemp("site")
    options = ("-n", "-W", "--keep-going", "-q", "-c", "docs", ".")
    command = [PYTHON, "-m", "sphinx", *options, folder / "html", "-d", folder / "doctrees"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "html"


def test_every_page_can_be_read_at_every_width(site, tmp_path):
    """No word is cut or has to be looked for beside the window, and no drawing is too small."""
    pages = [path.relative_to(site) for path in site.rglob("*.html") if "_static" not in path.parts]
    assert len(pages) > 20
    unreadable = {}
    with chromium(tmp_path) as browser:
        for page in pages:
            browser.get((site / page).as_uri())
            for width in WIDTHS:
                size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
                browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
                if found := browser.execute_script(UNREADABLE):
                    unreadable[f"{page} at {width}"] = found
    assert unreadable == {}
