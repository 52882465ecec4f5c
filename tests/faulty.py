"""Services whose hooks are the fault engine's, as in the shop."""

from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from chaos.engine.engine import FaultEngine
from chaos.engine.hooks import FaultHooks
from chaos.watching import hooks_for
from shared.runtime import Runtime
from shared.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)


def open_runtime(settings: S, **given: Any) -> AbstractAsyncContextManager[Runtime[S]]:
    """A runtime whose service has the faults that its settings say."""
    return Runtime.open(settings, hooks=hooks_for(settings), **given)


def hooks_in(runtime: Runtime) -> FaultHooks:
    assert isinstance(runtime.hooks, FaultHooks)
    return runtime.hooks


def faults_in(runtime: Runtime) -> FaultEngine:
    """The faults of a service."""
    return hooks_in(runtime).engine
