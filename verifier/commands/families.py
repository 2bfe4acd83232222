"""Specifications as commands that prove use them: in all sizes at once, or refused with the reason."""

from __future__ import annotations

from verifier.commands.refusal import RefusalError
from verifier.commands.sources import Settings
from verifier.engines.proof.family import NotUniformError
from verifier.engines.proof.uniform import Uniform, uniform
from verifier.language.specification import Specification


def in_all_sizes(
    specification: Specification, variant: str | None, instance: str | None, settings: Settings
) -> Uniform:
    """The family of a variant and instance that have been elaborated without errors. Raises RefusalError."""
    try:
        return uniform(specification.family(variant, instance, dict(settings)))
    except NotUniformError as error:
        raise RefusalError(f"nothing can be proved of {specification.name} for every size: {error}") from None
