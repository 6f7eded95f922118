"""One way to stop: a sentence that says what is wrong and what to do."""

DISK_FULL = "The disk is full: free 4 GB, or set SALES_CACHE to a folder on a larger disk."


class ProjectError(Exception):
    """Shown to the user as it is, without a traceback."""


class NoNetworkError(ProjectError):
    """A download failed."""
