"""A module of this program as a process of its own, which tells in lines. GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment

from realtime.children import child_environment, module_command


def started(
    parent: QObject, on_output: Callable[[], None], module: str, *arguments: str
) -> QProcess:
    """Run ``python -m module arguments``; ``on_output`` is called when it has said something."""
    process = QProcess(parent)
    environment = QProcessEnvironment()
    for key, value in child_environment().items():
        environment.insert(key, value)
    process.setProcessEnvironment(environment)
    process.readyReadStandardOutput.connect(on_output)
    program, *rest = module_command(module, *arguments)
    process.start(program, rest)
    return process


def ended(process: QProcess, within_ms: int) -> None:
    """Close its input, which asks it to end, and kill it if it has not done so in time."""
    process.closeWriteChannel()
    if not process.waitForFinished(within_ms):
        process.kill()
        process.waitForFinished(within_ms)
    process.deleteLater()
