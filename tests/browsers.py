"""Which browser the tests, the screenshots and the benchmarks look at pages with, and how it is started."""

import shutil

# One without windows where there is one: a whole Chromium draws a frame with tabs and menus around each test's pages,
# and the tests in browsers take half as long again.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
NO_CHROMIUM = "there is no Chromium (apt-get install chromium)"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
