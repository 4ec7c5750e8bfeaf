"""Says at the end which real servers the passed tests ran on: what a green run is worth."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter


def tell(reporter: TerminalReporter) -> None:
    ran: Counter[str] = Counter()
    for report in reporter.stats.get("passed", []):
        ran.update({str(value) for name, value in report.user_properties if name == "server"})
    if ran:
        reporter.write_line("servers: " + ", ".join(f"{name}: {count} tests" for name, count in sorted(ran.items())))
    for reason in {str(report.longrepr[2]) for report in reporter.stats.get("skipped", [])}:
        if "Apache Kafka did not run" in reason:
            reporter.write_line(
                f"{reason.removeprefix('Skipped: ')}. Its tests were left out; Tansu's ran.", yellow=True
            )
