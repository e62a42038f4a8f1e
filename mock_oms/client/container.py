"""The image in a container of Testcontainers: `with MockOmsContainer(scenario="restock") as oms: oms.url`."""

import secrets
import time
from dataclasses import fields
from pathlib import Path
from typing import Self

from mock_oms.client.control import Control
from mock_oms.client.errors import ClientError
from mock_oms.settings import Settings, environment_variable, is_path
from mock_oms.text import nearest_clause

#: The port that the image listens on, and where it takes scenarios from.
PORT, SCENARIOS = 8080, "/scenarios"
#: What the image or this class decides: its address and its folders.
_DECIDED = frozenset({"host", "port", "scenarios", "state", "tls", "tls_ca", "tls_names", "control_token_file"})
#: Seconds between two requests whether it is ready.
_INTERVAL = 0.05


class ContainerError(Exception):
    """The container cannot be made or does not become ready; the message says what to change."""


class MissingTestcontainersError(ContainerError, ImportError):
    """Testcontainers is an extra, and not installed."""


class MockOmsContainer:
    """A mock in a container; `container` is what Testcontainers knows it as, for whatever else it can do.

    `image` is the image's name, as built by `make image`. `scenarios` is a folder of this machine, mounted for reading.
    `patience` is how many seconds it may take to become ready. More `settings`: the fields of `Settings`.

    :raises MissingTestcontainersError: the extra is not installed.
    :raises ContainerError: a setting is unknown, or the image's own; `scenarios` is no folder, or `scenario` no name.
    """

    def __init__(
        self,
        image: str = "mock-oms",
        *,
        scenario: str = "default",
        scenarios: Path | str | None = None,
        patience: float = 30.0,
        **settings: str | int | Path,
    ) -> None:
        accepted = [one.name for one in fields(Settings) if one.name not in _DECIDED]
        for name in settings:
            if name in _DECIDED:
                raise ContainerError(f"{name} cannot be set here, it is the image's; accepted: {', '.join(accepted)}.")
            if name not in accepted:
                raise ContainerError(f"There is no setting {name}{nearest_clause(name, accepted)}.")
        if is_path(str(scenario)) and not str(scenario).startswith("/"):
            raise ContainerError(
                f"scenario: found {scenario}, which the container does not see; accepted: a name. "
                "A file of this machine is sent when a world is opened: control.open_world(scenario=...)."
            )
        try:
            from testcontainers.core.container import DockerContainer  # noqa: PLC0415  an extra
        except ImportError:
            raise MissingTestcontainersError(
                "MockOmsContainer needs Testcontainers, which the extra `testcontainers` brings. "
                "In a checkout of mock-oms: pip install '.[testcontainers]'."
            ) from None
        given = {"control_token": secrets.token_urlsafe(), **settings, "scenario": scenario}
        self.token, self._control_token = str(given.get("token", Settings().token)), str(given["control_token"])
        self._patience = patience
        self._control: Control | None = None
        self.container: DockerContainer = DockerContainer(image).with_exposed_ports(PORT)
        for name, value in given.items():
            self.container.with_env(environment_variable(name), str(value))
        if scenarios is not None:
            # Docker would make a folder that does not exist, and the mock would find no scenario there.
            folder = Path(scenarios).resolve()
            if not folder.is_dir():
                raise ContainerError(f"{folder} is no folder; `scenarios` wants one with scenario files in it.")
            self.container.with_volume_mapping(str(folder), SCENARIOS, "ro")

    @property
    def url(self) -> str:
        """The address of the mock, from here.

        :raises ContainerError: it is not started.
        """
        return self.control.url

    @property
    def control(self) -> Control:
        """The control API of the mock.

        :raises ContainerError: it is not started.
        """
        if self._control is None:
            raise ContainerError("The container has no address yet; use it in `with`, or call start() first.")
        return self._control

    def start(self) -> Self:
        """Start it, and return when it is ready.

        :raises ContainerError: it ends, or is not ready in time; the message holds what it said.
        """
        try:
            self.container.start()
            self._control = Control(self._address(), self._control_token)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop and remove it."""
        if self._control is not None:
            self._control.close()
        self._control = None
        self.container.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _address(self) -> str:
        try:
            port = self.container.get_exposed_port(PORT)
        except TimeoutError:  # Testcontainers has seen that it does not run
            raise self._ended() from None
        return f"http://{self.container.get_container_host_ip()}:{port}"

    def _wait_until_ready(self) -> None:
        reason: ClientError | None = None
        for _ in range(max(1, round(self._patience / _INTERVAL))):
            try:
                self.control.ready()
            except ClientError as error:
                reason = error
            else:
                return
            wrapped = self.container.get_wrapped_container()
            wrapped.reload()
            if wrapped.status == "exited":
                raise self._ended()
            time.sleep(_INTERVAL)
        raise ContainerError(f"Not ready within {self._patience:g} s: {reason}\nThe container said:\n{self._output()}")

    def _ended(self) -> ContainerError:
        return ContainerError(f"The container ended before it was ready; it said:\n{self._output()}")

    def _output(self) -> str:
        out, err = self.container.get_logs()
        return (out + err).decode(errors="replace").strip()
