"""A service uses what its row of the topology table lists, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shared.runtime import Runtime
from shared.settings import CartSettings, ServiceSettings

Use = Callable[[Runtime[ServiceSettings]], object]


@pytest.mark.parametrize(
    ("use", "sentence"),
    [
        (lambda cart: cart.peers.service("bank"), "cart may not use bank: .* calls=('catalog',)"),
        (lambda cart: cart.stores.documents("carts"), "cart may not use documents: .* keeps="),
        (lambda cart: cart.stores.stream("order.placed"), "cart may not use order.placed: .*=()"),
    ],
    ids=["peer", "documents", "stream"],
)
async def test_what_the_table_does_not_list_is_refused_with_what_it_lists(
    use: Use, sentence: str, tmp_path: Path
) -> None:
    async with Runtime.open(CartSettings(data=tmp_path)) as cart:
        with pytest.raises(ValueError, match=sentence.replace("(", r"\(").replace(")", r"\)")):
            use(cart)
