"""What the wheel holds of the package: all but the dashboard, which only a server gives."""  # noqa: INP001

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AllButTheDashboard(BuildHookInterface):  # type: ignore[type-arg]
    """Files to include by where they go: Hatch excludes nothing from a folder outside of the project."""

    def initialize(self, _: str, build_data: dict[str, Any]) -> None:
        """Name them."""
        package = Path(self.root).parents[1] / "mock_oms"
        kept = (file for file in package.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
        names = {str(file): file.relative_to(package).as_posix() for file in kept}
        build_data["force_include"] |= {
            file: f"mock_oms/{name}" for file, name in names.items() if not name.startswith("api/dashboard/")
        }
