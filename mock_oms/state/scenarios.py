"""The scenarios of worlds that are kept, with their profiles: the worlds outlive a change of any of these files."""

import re
from dataclasses import replace
from pathlib import Path

from mock_oms.scenario.building import Scenario, build_scenario
from mock_oms.scenario.problems import ScenarioError
from mock_oms.scenario.profiles import FOLDER as PROFILES
from mock_oms.scenario.yaml_file import parse_yaml
from mock_oms.state.disk import make_folder, write_whole
from mock_oms.store import KeptError

#: A name may hold what no file name should. What is lost of it matters to nobody: the digest is of all that is said.
_UNSAFE, _LONGEST = re.compile("[^A-Za-z0-9._-]"), 80


class KeptScenarios:
    """Scenarios in a folder, each by its name and digest; what they say never changes."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._folder = folder
        self._read: dict[tuple[str, str], Scenario] = {}

    def keep(self, scenario: Scenario) -> None:
        """Write a scenario's text, and before it those of its profiles, where they are not there.

        :raises OSError: it is not there, and cannot be written.
        """
        file = self._file(scenario.name, scenario.digest)
        folder = self._beside(file) / PROFILES
        for made in (folder.parent, folder) if scenario.profiles else ():
            make_folder(made)
        beside = {folder / f"{profile.name}.yaml": profile.text for profile in scenario.profiles}
        for wanted, text in {**beside, file: scenario.text}.items():
            if not wanted.exists():
                write_whole(wanted, text.encode())

    def load(self, called: str, digest: str) -> Scenario:
        """A scenario that was kept, by the name of its own file, such as `restock.yaml`, and its digest.

        :raises KeptError: it is not there, or not what it was; the message is no whole sentence.
        """
        if (called, digest) not in self._read:
            self._read[called, digest] = self._loaded(called, digest)
        return self._read[called, digest]

    def _loaded(self, called: str, digest: str) -> Scenario:
        file = self._file(Path(called).stem, digest)
        try:
            data, lines = parse_yaml(file.read_bytes().decode(), Path(called))
            scenario = build_scenario(data, replace(lines, file=self._beside(file) / called))
        except (OSError, ValueError, ScenarioError) as error:
            reason, *_ = str(error).removeprefix(f"{self._beside(file)}/").splitlines()
            raise KeptError(f"its scenario in {file} cannot be used ({reason})") from error
        if scenario.digest != digest:
            raise KeptError(f"its scenario in {file} has been changed: found the digest {scenario.digest}")
        return scenario

    def _file(self, name: str, digest: str) -> Path:
        safe, digits = (_UNSAFE.sub("_", part)[:_LONGEST] for part in (name, digest))
        return self._folder / f"{safe}@{digits}.yaml"

    @staticmethod
    def _beside(file: Path) -> Path:
        """The folder in which the profiles of a scenario are looked for first."""
        return file.with_suffix("")
