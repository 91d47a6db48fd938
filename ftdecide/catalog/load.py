"""Reads the catalogue's files once and checks them strictly."""

from functools import cache
from pathlib import Path
from typing import TypeVar, cast

from pydantic import BaseModel

from ftdecide.catalog.types import Catalog, GpuPrices, PriceExamples, PricePackages, Provider
from ftdecide.documents import read_document, validate
from ftdecide.errors import InputError
from ftdecide.settings import DATA

Model = TypeVar("Model", bound=BaseModel)


@cache
def load_catalog(folder: Path = DATA) -> Catalog:
    """Read `providers/*.yml`, `gpus.yml` and `price_packages.yml` below `folder`, once; later calls are free.

    Raises:
        InputError: a file that does not keep the schema; the message names file and key.
    """
    providers: dict[str, Provider] = {}
    for path in sorted((folder / "providers").glob("*.yml")):
        provider = read_cited(Provider, path)
        if provider.id != path.stem:
            raise InputError(f"{str(path)!r}, id: {provider.id!r} differs from the file's name; make them equal")
        providers[provider.id] = provider
    if not providers:
        raise InputError(f"{str(folder / 'providers')!r} holds no *.yml file; the catalogue is missing")
    gpus = read_cited(GpuPrices, folder / "gpus.yml")
    packages = read_cited(PricePackages, folder / "price_packages.yml").packages
    return Catalog(providers=providers, gpus=gpus, packages=packages)


def read_price_examples(folder: Path = DATA) -> PriceExamples:
    """Read the worked examples that our price formulas are tested against.

    Raises:
        InputError: as in `load_catalog`.
    """
    return read_cited(PriceExamples, folder / "evidence" / "price_examples.yml")


def read_cited(model: type[Model], path: Path) -> Model:
    """Read one file whose figures name their source by a key of its `sources`.

    Raises:
        InputError: a source that is not listed, or anything that `model` refuses; the message names file and key.
    """
    data = read_document(path)
    if isinstance(data, dict):
        document = cast("dict[str, object]", data)
        sources = document.get("sources")
        if isinstance(sources, dict):
            rest = {key: value for key, value in document.items() if key != "sources"}
            _resolve(rest, cast("dict[str, object]", sources), str(path), "")
    return validate(model, cast("object", data), str(path))


def _resolve(node: object, sources: dict[str, object], name: str, where: str) -> None:
    """Replace every source key by the address and confidence it stands for."""
    if isinstance(node, list):
        for index, item in enumerate(cast("list[object]", node)):
            _resolve(item, sources, name, f"{where}[{index}]")
    elif isinstance(node, dict):
        part = cast("dict[str, object]", node)
        for key, value in part.items():
            _resolve(value, sources, name, f"{where}.{key}".lstrip("."))
        if isinstance(key := part.get("source"), str):
            if not isinstance(source := sources.get(key), dict):
                raise InputError(
                    f"{name!r}, {where}.source: {key!r} is not among `sources`; list it there with its url"
                )
            known = cast("dict[str, object]", source)
            part["source"] = known.get("url")
            part.setdefault("confidence", known.get("confidence"))
