"""A pytest plugin: a run with a skipped test or a warning in the log is not a green one."""

import logging
import re

# a reason to skip that is not a hole in the tests: the data lies beside the checkout, not in it
ALLOWED_SKIPS = (r"shared/data",)
# said of the machine, or of libraries that Odoo uses; not of our code
ALLOWED_LOGS = (
    r"Running as user 'root' is a security risk",
    r"site-packages/.*(Deprecation|Future|User|Resource|Syntax)Warning",
)


class LogCatcher(logging.Handler):
    """Keeps what is logged as a warning or worse; muted and asserted loggers never get here."""

    def __init__(self):
        super().__init__(level=logging.WARNING)
        self.lines = []
        self.test = "set-up"

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if not is_allowed_log(message):
            first = message.strip().splitlines()[0] if message.strip() else ""
            self.lines.append(f"{self.test}: {record.levelname} {record.name}: {first}")


def is_allowed_log(message: str) -> bool:
    return any(re.search(pattern, message) for pattern in ALLOWED_LOGS)


def is_allowed_skip(reason: str) -> bool:
    return any(re.search(pattern, reason) for pattern in ALLOWED_SKIPS)


class Guard:
    """Collects skips and log lines of a session and fails it at the end."""

    def __init__(self):
        self.catcher = LogCatcher()
        self.skips = []

    def pytest_sessionstart(self):
        logging.getLogger().addHandler(self.catcher)

    def pytest_runtest_logstart(self, nodeid):
        self.catcher.test = nodeid

    def pytest_runtest_logreport(self, report):
        self._note_skip(report)

    def pytest_collectreport(self, report):
        self._note_skip(report)

    def _note_skip(self, report):
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not is_allowed_skip(reason):
            self.skips.append(f"{report.nodeid}: {reason}")

    def pytest_sessionfinish(self, session):
        if (self.skips or self.catcher.lines) and not session.exitstatus:
            session.exitstatus = 1

    def pytest_terminal_summary(self, terminalreporter):
        for title, lines in (
            ("Skipped without a listed reason: fails", self.skips),
            ("Logged as a warning or an error: fails", self.catcher.lines),
        ):
            if lines:
                terminalreporter.section(title)
                for line in lines:
                    terminalreporter.write_line(line)


def pytest_configure(config):
    config.pluginmanager.register(Guard(), "project-guard")
