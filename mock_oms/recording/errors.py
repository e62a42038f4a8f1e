"""Why nothing can be recorded or scrubbed; each message is a sentence for people."""

from collections.abc import Sequence

from mock_oms.recording.rules import named


class RecordingError(Exception):
    """What was asked for cannot be recorded or scrubbed, and nothing was kept of it."""


class EndedError(Exception):
    """Nothing more may be asked of the OMS; what was seen until then holds."""


class UnknownFieldError(RecordingError):
    """Fields were met that the allow-list does not have; `paths` are theirs, without the numbers of lists."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        which = "This field is" if len(paths) == 1 else "These fields are"
        hold, them = ("holds what it", "it") if len(paths) == 1 else ("hold what they", "them")
        super().__init__(
            f"{which} not in the allow-list, or {hold} should not: {named(paths)}. Nothing of {them} was written. "
            "--unknown drop leaves such fields out, --unknown hash keeps them with pseudonyms."
        )
