"""Where the browser of the tests is: `python -m tests.browser.chromium` prints it, or says why there is none."""

import os
import shutil
import sys
from collections.abc import Mapping

#: Programs that will do, each a name on PATH or a path; of Debian, of Fedora, of Google, and Google's on macOS.
NAMES = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
#: It asks nobody but the server under test for anything.
ARGUMENTS = ("--no-sandbox", "--disable-quic", "--disable-background-networking")


class NoChromiumError(Exception):
    """There is no browser; the message says how to get one."""


def chromium(environment: Mapping[str, str] = os.environ) -> str:
    """The path of a Chromium: what `CHROMIUM` names, else the first of the usual ones that is installed.

    :raises NoChromiumError: there is none.
    """
    named = environment.get("CHROMIUM")
    for name in (named,) if named else NAMES:
        found = shutil.which(name, path=environment.get("PATH"))
        if found:
            return found
    if named:
        message = f"CHROMIUM names {named!r}, which is no program; without it, {NAMES[0]} is looked for on PATH."
    else:
        message = "no Chromium is on PATH, and CHROMIUM names none; with Debian: apt-get install chromium."
    raise NoChromiumError(message)


if __name__ == "__main__":
    try:
        print(chromium())  # noqa: T201
    except NoChromiumError as error:
        sys.exit(f"Browser tests do not run: {error}")
