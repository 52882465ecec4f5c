from pydantic import RootModel


class SuggestedIds(RootModel[tuple[str, ...]]):
    """The ids of what goes with an article or a product."""


class SuggestedIdsOfMany(RootModel[dict[str, tuple[str, ...]]]):
    """The same for several, by their own ids."""
