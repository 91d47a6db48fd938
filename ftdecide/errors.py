"""Everything that can go wrong in a way a person can mend.

    FtdecideError
    ├── InputError        a file, field or line that cannot be used as it is
    ├── NotFoundError     an id that nothing answers to
    ├── ConflictError     somebody else saved a newer version
    ├── UnavailableError  an optional part or a long-running process is not there
    └── ProviderError     a model provider refused or failed (leaves in `providers.base`)

Pages and the command line catch the root and show its message; every other exception is a defect and fails loudly.
"""


class FtdecideError(Exception):
    """Root of all expected errors; the message says what, where and how to mend it."""


class InputError(FtdecideError):
    """A file, field or line cannot be used; names the place and the mend."""


class NotFoundError(FtdecideError):
    """Nothing has this id, or no longer."""


class ConflictError(FtdecideError):
    """What was to be saved is older than what is stored."""


class UnavailableError(FtdecideError):
    """An optional part is not installed, or a process that should answer does not."""


class ProviderError(FtdecideError):
    """A model provider refused a request or failed to answer it."""
