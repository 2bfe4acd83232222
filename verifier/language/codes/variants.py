"""Codes about variants, instances and scenarios, and warnings."""

from __future__ import annotations

from verifier.language.codes.entry import Entry

_PROTOCOL = (
    "spec s\nstate x: bool\nconst n: 0 .. 3 = 1\noperation go { x := true }\nprotocol {\n  process p {\n    a: go\n"
    "    b: skip\n  }\n  process q {\n    b: skip\n  }\n}\nalways fine: x or not x\n"
)

ENTRIES = {
    "E0401": Entry(
        "a variant edits something that is not there",
        "An edit names a step by its label, with its process if two share the label, or an action.",
        _PROTOCOL + "variant v { drop c } expect holds",
        _PROTOCOL + "variant v { drop a } expect holds",
    ),
    "E0402": Entry(
        "an edit of one of several steps",
        "Two processes have a step with this label; write the process before it.",
        _PROTOCOL + "variant v { drop b } expect holds",
        _PROTOCOL + "variant v { drop q.b } expect holds",
    ),
    "E0403": Entry(
        "an edit of a statement that is not there",
        "After the step an edit names the operation of a sentence in it, or `when`, `await`, `send`, `assert`, `goto`.",
        _PROTOCOL + "variant v { drop a.await } expect holds",
        _PROTOCOL + "variant v { drop a.go } expect holds",
    ),
    "E0404": Entry(
        "an expectation about an unknown property",
        "`expect violated` names properties and scenarios. A scenario that needs a step which the variant takes out is"
        " no"
        " property of the variant.",
        _PROTOCOL + "variant v { drop a } expect violated fin",
        _PROTOCOL + "variant v { drop a } expect violated fine",
    ),
    "E0405": Entry(
        "an operation dropped",
        "Steps perform operations. Drop the sentences, step by step.",
        _PROTOCOL + "variant v { drop go } expect holds",
        _PROTOCOL + "variant v { drop a.go } expect holds",
    ),
    "E0406": Entry(
        "an edit that does not fit what it names",
        "Statements are added to a whole step or action, and a step is moved before or after another one of its"
        " process.",
        _PROTOCOL + "variant v { move a before q.b } expect holds",
        _PROTOCOL + "variant v { move a after p.b } expect holds",
    ),
    "E0408": Entry(
        "a choice of something that cannot be chosen",
        "An instance, a variant and the command line choose the size of a sort or a region, or the value of a constant"
        " without parameters.",
        _PROTOCOL + "instance small { m = 2 }",
        _PROTOCOL + "instance small { n = 2 }",
    ),
    "E0409": Entry(
        "a wrong size",
        "The size of a sort is a number from 1 to 65,536; a region has at most the pages that the machine describes.",
        "spec s\nsort Page\ninstance small { Page = 0 }",
        "spec s\nsort Page\ninstance small { Page = 1 }",
    ),
    "E0410": Entry(
        "a scenario with an unknown action",
        "A scenario names steps (`p.a`, parts `p.a.each` and `p.a.end`, branches `p.a.b`), faults and other actions.",
        _PROTOCOL + "scenario t { p.a; p.c }",
        _PROTOCOL + "scenario t { p.a; p.b }",
    ),
    "E0411": Entry(
        "too many arguments in a scenario",
        "An action has its parameters, and then the values that it chooses.",
        _PROTOCOL + "scenario t { p.a(true) }",
        _PROTOCOL + "scenario t { p.a }",
    ),
    "E0412": Entry(
        "an unknown variant or instance",
        "The command line asks for a variant or an instance that the specification does not have.",
    ),
    "E0413": Entry(
        "chosen twice",
        "An instance gives each size and each constant once.",
        _PROTOCOL + "instance small { n = 1, n = 2 }",
        _PROTOCOL + "instance small { n = 1 }",
    ),
    "E0414": Entry(
        "an instance smaller than what the specification is about",
        "`for any` says from which size on the claims are meant. An instance, a variant or the command line cannot"
        " choose less.",
        "spec s\nsort P size 2\nstate f(P): bool\nfor any P >= 2\ninstance small { P = 1 }",
        "spec s\nsort P size 2\nstate f(P): bool\nfor any P >= 2\ninstance small { P = 2 }",
    ),
    "W0501": Entry(
        "a process that never crashes",
        "`p at crashed` is always false if the process has no `crash`, or goes on after it.",
        _PROTOCOL + "never broken: p at crashed",
        _PROTOCOL + "never broken: p at done and not x",
    ),
    "W0502": Entry(
        "a message that nobody takes",
        "The message is sent, but the process it is sent to has no `await` for it.",
        "spec s\nprotocol {\n  process p {\n    a: send m to q\n  }\n  process q {\n    b: skip\n  }\n}",
        "spec s\nprotocol {\n  process p {\n    a: send m to q\n  }\n  process q {\n    b: await m\n  }\n}",
    ),
}
