"""Specifications as commands that prove use them: in all sizes at once, or refused with the reason."""

from __future__ import annotations

from contextlib import suppress

from verifier.commands.refusal import RefusalError
from verifier.commands.sources import Settings
from verifier.engines.proof.family import NotUniformError
from verifier.engines.proof.uniform import Uniform, uniform
from verifier.language.specification import Elaborated, Specification


def in_all_sizes(
    specification: Specification, variant: str | None, instance: str | None, settings: Settings
) -> Uniform:
    """The family of a variant and instance that have been elaborated without errors. Raises RefusalError.

    Its lemmas call pages and addresses after the region that they are of.
    """
    elaborated = specification.elaborate(variant, instance, dict(settings))
    assert isinstance(elaborated, Elaborated)

    def region(sort: str, like: str) -> str | None:
        for found in elaborated.machine.regions:
            with suppress(ValueError):
                if int(like, 16) in {"Page": found.full_hpa, "Address": found.full_gpa}.get(sort, ()):
                    return found.name
        return None

    try:
        return uniform(specification.family(variant, instance, dict(settings)), region)
    except NotUniformError as error:
        raise RefusalError(f"nothing can be proved of {specification.name} for every size: {error}") from None
