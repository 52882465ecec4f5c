"""From environment variables to a frozen object, and a message of one line for each bad value:
`AUTH_FAILURE_RATE=30 cannot be used: a number from 0 to 1 is allowed`.
"""

# ruff: noqa: ARG003 - the signature of settings_customise_sources is pydantic's

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.errors import SettingError
from shared.settings.values import PerService, Prefix, Text

USER_INFO = re.compile(r"//[^/?#]*@")


class Group(BaseModel):
    """Variables that belong together, as a field of an EnvironmentSettings.

    A service may have values of its own for them: `ORDERS_OTEL_PROPAGATORS` counts before
    `OTEL_PROPAGATORS`. `own` are the variables where this service has one.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        validate_by_name=True,
        loc_by_alias=False,
        defer_build=True,
    )

    own: frozenset[str] = frozenset()


class EnvironmentSettings(BaseSettings):
    """Settings out of environment variables.

    The variable of a field is its `validation_alias`, or else the class's prefix and the field's
    name. `read` takes the environment; an object made by hand, `OrdersSettings(timeout=0.5)`, never
    looks at it. Defaults are written as the environment would write them. `given` are the variables
    that the environment really has.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        validate_by_name=True,
        loc_by_alias=False,
        defer_build=True,  # a process needs few of these classes
    )

    service: str = ""
    given: frozenset[str] = frozenset()

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> Self:
        """The settings out of `environ`, or else out of the process's own environment.

        Raises SettingError, with one line for each variable whose value is not allowed.
        """
        source = Environment(cls, os.environ if environ is None else environ)
        try:
            return cls(**source.values())
        except ValidationError as error:
            raise SettingError("\n".join(source.lines(error))) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


@dataclass(frozen=True)
class Variable:
    """A variable of the environment, and the field it is for: `place` leads there from the class.

    `default` is text, as the environment would have it. What is `secret` is never repeated. In a
    group a service may have a value of its own.
    """

    name: str
    place: tuple[str, ...]
    default: str
    allowed: str
    meaning: str
    secret: bool = False
    in_group: bool = False


class Environment:
    """The variables of one environment for the fields of one class; an empty one counts as not
    set.
    """

    def __init__(self, kind: type[EnvironmentSettings], environ: Mapping[str, str]) -> None:
        self._variables = variables_of(kind)
        self._prefix = f"{kind.model_fields['service'].default.upper()}_"
        self._environ = environ

    def values(self) -> dict[str, Any]:
        """The text of every variable, in the shape of the fields."""
        given = (variable.name for variable in self._variables if self._text(variable.name))
        values: dict[str, Any] = {"given": frozenset(given)}
        for variable in self._variables:
            *way, last = variable.place
            inner = values
            for step in way:
                inner = inner.setdefault(step, {})
            inner[last] = self._text(self._named(variable)) or variable.default
            if self._is_own(variable):
                inner["own"] = inner.get("own", frozenset()) | {variable.name}
        return values

    def lines(self, error: ValidationError) -> Iterator[str]:
        """What is wrong, a line for each variable; what is secret is not repeated."""
        by_place = {variable.place: variable for variable in self._variables}
        for one in error.errors(include_url=False, include_context=False):
            variable = by_place[tuple(map(str, one["loc"]))]
            named = self._named(variable)
            shown = named if variable.secret else f"{named}={harmless(self._text(named))}"
            yield f"{shown} cannot be used: {variable.allowed}"

    def _named(self, variable: Variable) -> str:
        """The name that counts for this service."""
        return self._prefix + variable.name if self._is_own(variable) else variable.name

    def _is_own(self, variable: Variable) -> bool:
        return variable.in_group and bool(self._text(self._prefix + variable.name))

    def _text(self, name: str) -> str:
        text = self._environ.get(name, "").strip()
        # Kubernetes sets ORDERS_PORT=tcp://10.0.0.7:5002 in every pod beside a Service "orders".
        return "" if name.endswith("_PORT") and text.startswith(("tcp://", "udp://")) else text


def set_default(name: str, text: str) -> None:
    """For a library that reads the environment by itself: what it finds where nobody set it."""
    os.environ.setdefault(name, text)


def harmless(text: str) -> str:
    """A value as one line that can be printed, without the user and password of an address."""
    line = text if text.isprintable() else repr(text)[1:-1]
    return USER_INFO.sub("//***@", line)


@cache
def variables_of(kind: type[EnvironmentSettings]) -> tuple[Variable, ...]:
    """The variables of a class, in the order of its fields."""
    prefix = str(kind.model_config.get("env_prefix", ""))
    start = {"service": kind.model_fields["service"].default}
    return tuple(walk(kind, prefix, start))


def walk(
    kind: type[BaseModel], prefix: str, start: dict[str, str], way: tuple[str, ...] = ()
) -> Iterator[Variable]:
    for name, field in kind.model_fields.items():
        place = (*way, name)
        text = next((one for one in field.metadata if isinstance(one, Text)), None)
        each = next((one for one in field.metadata if isinstance(one, PerService)), None)
        if text is not None:
            alias = field.validation_alias
            yield Variable(
                alias if isinstance(alias, str) else prefix + name.upper(),
                place,
                field.get_default(call_default_factory=True, validated_data=start),
                text.allowed,
                (field.description or "").format(**start),
                secret=not field.repr,
                in_group=bool(way),
            )
        elif each is not None:
            for service, default in each.defaults().items():
                meaning = each.meaning.format(service)
                of_one = (*place, service)
                yield Variable(each.variable(service), of_one, default, each.allowed, meaning)
        elif isinstance(field.annotation, type) and issubclass(field.annotation, Group):
            group = next((one for one in field.metadata if isinstance(one, Prefix)), Prefix("", ""))
            yield from walk(field.annotation, group.text, start | {"what": group.what}, place)
