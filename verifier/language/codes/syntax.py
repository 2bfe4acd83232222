"""Codes about the form of a text."""

from __future__ import annotations

from verifier.language.codes.entry import Entry

_PROCESS = "spec s\nprotocol {{\n  process vm1 {{\n    {}\n  }}\n}}"

ENTRIES = {
    "E0005": Entry(
        "brackets nested too deep",
        "Brackets stand in each other at most a hundred deep. Give the inner parts names with `define`.",
    ),
    "E0006": Entry(
        "a word of the language used as a name",
        "Words that may stand where a name does, such as `when`, `count` or `to`, cannot be names.",
        "spec s\nstate count: 0 .. 3 = 0",
        "spec s\nstate counted: 0 .. 3 = 0",
    ),
    "E0007": Entry(
        "expressions or blocks nested too deep",
        "Every operator, also each `and` of a chain, is one level, and there are at most 120. Give parts names with"
        " `define`, or say `all x: ...` instead of a chain.",
    ),
    "E0008": Entry(
        "a statement before the first label",
        "A process is a list of steps, and each step begins with its label.",
        _PROCESS.format("stop nic"),
        _PROCESS.format("pause: stop nic"),
    ),
    "E0009": Entry(
        "two `crash` blocks",
        "A process has one `crash` block: it says what a crash erases, and where the process goes on.",
        _PROCESS.format("a: skip\n    crash { x := none }\n    crash { goto a }"),
        _PROCESS.format("a: skip\n    crash { x := none; goto a }"),
    ),
    "E0010": Entry(
        "`leads to` outside of `eventually`",
        "That one thing leads to another is a claim about what happens eventually.",
        "spec s\nalways answered: asked leads to given",
        "spec s\neventually answered: asked leads to given",
    ),
    "E0011": Entry(
        "a number too large",
        "Numbers have at most 63 bits.",
        "spec s\nconst n: 0 .. 99999999999999999999 = 1",
        "spec s\nconst n: 0 .. 99999 = 1",
    ),
    "E0012": Entry(
        "something else was expected",
        "The text cannot go on like this. The message says what could stand here instead.",
        "spec s\nstate owner bool",
        "spec s\nstate owner: bool",
    ),
    "E0013": Entry(
        "a character without a meaning",
        "No word or operator of the language has this character here. Comments begin with `//`.",
        "spec s\n# who owns it\nstate owned: bool",
        "spec s\n// who owns it\nstate owned: bool",
    ),
    "E0014": Entry(
        "a description without its end",
        'A description begins and ends with `"""`.',
        'spec s """A protocol.\nstate x: bool',
        'spec s """A protocol."""\nstate x: bool',
    ),
    "E0015": Entry(
        "a text in single quotation marks",
        "There are no strings in Flip. A description stands between triple quotes.",
        'spec s "A protocol."',
        'spec s """A protocol."""',
    ),
    "E0016": Entry(
        "a bracket that is never closed",
        "The position is that of the opening bracket.",
        "spec s\nmachine {\n  vm vm1\nstate x: bool",
        "spec s\nmachine {\n  vm vm1\n}\nstate x: bool",
    ),
    "E0017": Entry(
        "a bracket that closes nothing",
        "There is one closing bracket too many, or the opening one is missing.",
        "spec s\nmachine {\n  vm vm1 }\n}",
        "spec s\nmachine {\n  vm vm1\n}",
    ),
    "E0018": Entry(
        "no header, or two",
        "A file is one specification or one model, and its first line says which and how it is called.",
        "state x: bool",
        "spec s\nstate x: bool",
    ),
    "E0019": Entry(
        "`=`, `:=` and `==` confused",
        "`=` gives an initial value or a definition, `:=` assigns the value that follows the step, `==` compares.",
        "model m\nstate x: bool\noperation set_x() { x = true }",
        "model m\nstate x: bool\noperation set_x() { x := true }",
    ),
    "E0020": Entry(
        "a word or an operator of another language",
        "Flip writes `and`, `or`, `not`, `implies`, `all`, `some`, `each`.",
        "spec s\nalways safe: a && b",
        "spec s\nalways safe: a and b",
    ),
    "E0021": Entry(
        "a sentence with parentheses",
        "Operations are called with sentences: the name, then the arguments, with the words the operation declares.",
        _PROCESS.format("pause: stop(nic)"),
        _PROCESS.format("pause: stop nic"),
    ),
    "E0022": Entry(
        "an unknown declaration",
        "At the top level of a file each line begins a declaration, or goes on with the one before it.",
        "spec s\nstat x: bool",
        "spec s\nstate x: bool",
    ),
    "E0023": Entry(
        "`true`, `false` or `none` misspelt",
        "The constants are written in lower case.",
        "spec s\nstate x: bool = True",
        "spec s\nstate x: bool = true",
    ),
    "E0024": Entry(
        "neither a number nor a name",
        "A number is decimal or, after `0x`, hexadecimal; `_` may separate its digits. A name begins with a letter.",
        "spec s\nconst n: 0 .. 2nd = 1",
        "spec s\nconst n: 0 .. 2 = 1",
    ),
    "E0025": Entry(
        "too many errors",
        "Only the first fifty errors of a file are shown.",
    ),
    "E0026": Entry(
        "a label without its colon",
        "A step is a label, a colon and statements.",
        _PROCESS.format("notify send pause to vm2"),
        _PROCESS.format("notify: send pause to vm2"),
    ),
    "E0028": Entry(
        "two statements without a separator",
        "Statements stand on lines of their own, or `;` stands between them.",
        _PROCESS.format("save: stop nic send saved to hv1"),
        _PROCESS.format("save: stop nic; send saved to hv1"),
    ),
    "E0029": Entry(
        "a least size without `>=`",
        "`for any` names sorts and regions, and from which size on the claims are about them.",
        "spec s\nfor any Page > 2",
        "spec s\nfor any Page >= 3",
    ),
    "E0027": Entry(
        "comparisons in a chain",
        "A comparison has two sides.",
        "spec s\nalways ordered: a < b < c",
        "spec s\nalways ordered: a < b and b < c",
    ),
}
