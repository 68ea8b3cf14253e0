"""The two ways a command ends badly, each worded for the person at the keyboard."""


class ChonkError(Exception):
    """Something went wrong that a person can understand.  The message names what, where and what to do, in one line."""

    exit_code = 1


class UserError(ChonkError):
    """A mistake in what we were given (a path, a setting, a file): nothing was done, correct it and call again."""

    exit_code = 2
