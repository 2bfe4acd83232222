"""Random syntax trees: everything the grammar can say, and nothing else."""

from __future__ import annotations

from hypothesis import strategies as st

from verifier.language import tree
from verifier.language.format import format_tree
from verifier.system.span import NOWHERE

_WORDS = ("a", "nic", "p", "window", "vm1", "step", "size", "region", "owner", "Page", "x_1", "spec", "done", "before")

names = st.sampled_from(_WORDS).map(lambda text: tree.Name(text, NOWHERE))
name_lists = st.lists(names, min_size=1, max_size=3).map(tuple)
paths = name_lists
numbers = st.sampled_from((("0", 0), ("7", 7), ("0x1f", 31), ("1_000", 1000))).map(
    lambda pair: tree.LiteralExpr(pair[1], pair[0], NOWHERE)
)
constants = st.sampled_from((("true", True), ("false", False), ("none", None))).map(
    lambda pair: tree.LiteralExpr(pair[1], pair[0], NOWHERE)
)
docs = st.sampled_from(("", "Why.", 'He said "no"', "Two\n  indented\nlines", '"quoted" first'))
fairness = st.sampled_from((None, "fair", "strongly fair", "unfair"))


def _binary(operand: st.SearchStrategy[tree.Expr]) -> st.SearchStrategy[tree.Expr]:
    operators = st.sampled_from(("and", "or", "implies", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*"))
    return st.builds(tree.Binary, operators, operand, operand, st.just(NOWHERE))


def _references(operand: st.SearchStrategy[tree.Expr]) -> st.SearchStrategy[tree.Reference]:
    arguments = st.none() | st.lists(operand, max_size=2).map(tuple)
    return st.builds(tree.Reference, names, arguments, st.just(NOWHERE))


def _sets(operand: st.SearchStrategy[tree.Expr]) -> st.SearchStrategy[tree.SetExpr]:
    part = st.builds(tree.NamedSet, names, st.just(NOWHERE)) | st.builds(
        tree.ListedSet, st.lists(operand, min_size=1, max_size=2).map(tuple), st.just(NOWHERE)
    )
    return part | st.builds(tree.UnionSet, st.lists(part, min_size=2, max_size=3).map(tuple), st.just(NOWHERE))


def _binders(operand: st.SearchStrategy[tree.Expr]) -> st.SearchStrategy[tree.Binder]:
    where = st.none() | operand
    typed = st.builds(tree.Binder, name_lists, _types(), st.none(), st.none(), where, st.just(NOWHERE))
    within = st.builds(tree.Binder, name_lists, st.none(), st.none() | names, _sets(operand), where, st.just(NOWHERE))
    return typed | within


def _types() -> st.SearchStrategy[tree.TypeExpr]:
    base = st.one_of(
        st.builds(tree.NamedType, names, st.just(NOWHERE)),
        st.builds(tree.RangeType, numbers, numbers | _binary(numbers), st.just(NOWHERE)).filter(_is_sum_range),
        st.builds(tree.InlineEnum, name_lists, st.just(NOWHERE)),
    )
    return base | st.builds(tree.OptionalOf, base, st.just(NOWHERE))


def _is_sum_range(node: tree.RangeType) -> bool:
    """Other expressions need parentheses there, which is another way to write them but no other tree."""
    return not isinstance(node.high, tree.Binary) or node.high.operator in ("+", "-", "*")


def _bigger(operand: st.SearchStrategy[tree.Expr]) -> st.SearchStrategy[tree.Expr]:
    nowhere = st.just(NOWHERE)
    return st.one_of(
        _binary(operand),
        _references(operand),
        st.builds(tree.Element, names, operand, nowhere),
        st.builds(tree.Unary, st.sampled_from(("not", "-")), operand, nowhere),
        st.builds(tree.Is, operand, names | st.just(tree.Name("none", NOWHERE)), st.booleans(), nowhere),
        st.builds(tree.At, _references(operand), names, nowhere),
        st.builds(tree.Member, operand, _sets(operand), st.booleans(), nowhere),
        st.builds(tree.Conditional, operand, operand, operand, nowhere),
        st.builds(
            tree.Quantified,
            st.sampled_from(("all", "some", "no", "count")),
            st.lists(_binders(operand), min_size=1, max_size=2).map(tuple),
            operand,
            nowhere,
        ),
    )


_leaves = numbers | constants | st.builds(tree.Reference, names, st.none(), st.just(NOWHERE))
expressions: st.SearchStrategy[tree.Expr] = st.recursive(_leaves, _bigger, max_leaves=8)
simple = numbers | constants | _references(_leaves) | st.builds(tree.Element, names, numbers, st.just(NOWHERE))
limits = st.none() | numbers
types = _types()


def _parameters() -> st.SearchStrategy[tuple[tree.Parameter, ...]]:
    words = st.sampled_from((None, "to", "from", "in"))
    parameter = st.builds(tree.Parameter, st.none() | names, types, words, st.just(NOWHERE))
    return st.lists(parameter, max_size=3).map(
        lambda found: tuple(
            part if position else tree.Parameter(part.name, part.type, None, NOWHERE)
            for position, part in enumerate(found)
        )
    )


parameters = _parameters()


def _small_statements() -> st.SearchStrategy[tree.Statement]:
    nowhere = st.just(NOWHERE)
    argument = st.builds(tree.Argument, st.sampled_from((None, "to", "into", "at")), simple, nowhere)
    return st.one_of(
        st.builds(tree.Guard, st.sampled_from(("when", "await")), expressions, nowhere),
        st.builds(tree.Assign, _references(expressions), expressions, nowhere),
        st.builds(tree.Sentence, names, st.lists(argument, max_size=3).map(tuple), nowhere),
        st.builds(tree.Send, names, names, nowhere),
        st.builds(tree.Goto, names, nowhere),
        st.builds(tree.Skip, nowhere),
        st.builds(tree.Assert, names, expressions, nowhere),
        st.builds(tree.Choose, _binders(expressions), nowhere),
    )


def _blocks(statement: st.SearchStrategy[tree.Statement]) -> st.SearchStrategy[tuple[tree.Statement, ...]]:
    return st.lists(statement, max_size=3).map(tuple)


def _big_statements(inner: st.SearchStrategy[tree.Statement]) -> st.SearchStrategy[tree.Statement]:
    nowhere = st.just(NOWHERE)
    return st.one_of(
        st.builds(tree.IfStatement, expressions, _blocks(inner), _blocks(inner), nowhere),
        st.builds(tree.Loop, st.sampled_from(("each", "all")), _binders(expressions), _blocks(inner), nowhere),
        st.builds(tree.Either, st.lists(_blocks(inner), min_size=2, max_size=3).map(tuple), nowhere),
    )


statements: st.SearchStrategy[tree.Statement] = st.recursive(_small_statements(), _big_statements, max_leaves=4)
blocks = _blocks(statements)


def _machines() -> st.SearchStrategy[tree.Machine]:
    nowhere = st.just(NOWHERE)
    ranges = st.lists(st.builds(tree.Range, numbers, numbers, nowhere), max_size=2).map(tuple)
    setting = st.builds(tree.Setting, names, st.lists(simple, min_size=1, max_size=2).map(tuple), nowhere)
    settings = st.lists(setting, max_size=2).map(tuple)
    region = st.builds(tree.Region, names, ranges, ranges, settings, nowhere)
    item = st.builds(tree.Item, names.filter(lambda name: name.text != "region"), name_lists, settings, nowhere)
    return st.builds(tree.Machine, st.lists(region | item, max_size=3).map(tuple), nowhere)


def _protocols() -> st.SearchStrategy[tree.Protocol]:
    nowhere = st.just(NOWHERE)
    message = st.builds(tree.Message, names, st.sampled_from(("lost", "repeated")), limits, nowhere)
    step = st.builds(tree.Step, names, fairness, st.lists(statements, min_size=1, max_size=3).map(tuple), nowhere)
    crash = st.none() | st.builds(tree.Crash, limits, blocks, nowhere)
    process = st.builds(tree.Process, names, parameters, st.lists(step, max_size=2).map(tuple), crash, nowhere)
    return st.builds(
        tree.Protocol, st.lists(message, max_size=2).map(tuple), st.lists(process, max_size=2).map(tuple), nowhere
    )


def _properties() -> st.SearchStrategy[tree.PropertyDecl]:
    words = st.sampled_from(("always", "never", "lemma", "step", "reachable"))
    plain = st.builds(tree.PropertyDecl, words, names, expressions, st.none(), docs, st.just(NOWHERE))
    return plain | st.builds(
        tree.PropertyDecl, st.just("eventually"), names, expressions, st.none() | expressions, docs, st.just(NOWHERE)
    )


def _scenarios() -> st.SearchStrategy[tree.ScenarioDecl]:
    nowhere = st.just(NOWHERE)
    arguments = st.none() | st.lists(st.none() | expressions, max_size=2).map(tuple)
    line = st.one_of(
        st.builds(tree.Perform, paths, arguments, nowhere),
        st.builds(tree.Gap, nowhere),
        st.builds(tree.Check, expressions, nowhere),
    )
    return st.builds(tree.ScenarioDecl, names, st.booleans(), st.lists(line, max_size=3).map(tuple), docs, nowhere)


def _for_any() -> st.SearchStrategy[tree.ForAny]:
    nowhere = st.just(NOWHERE)
    size = st.builds(tree.AtLeast, names, st.none() | numbers, nowhere)
    return st.builds(tree.ForAny, st.lists(size, min_size=1, max_size=3).map(tuple), nowhere)


def _variants() -> st.SearchStrategy[tree.Variant]:
    nowhere = st.just(NOWHERE)
    step = st.builds(lambda path, word: path if word is None else (*path, tree.Name(word, NOWHERE)), paths,
                     st.sampled_from((None, "await", "when", "send", "goto", "assert")))  # fmt: skip
    edit = st.one_of(
        st.builds(tree.Drop, step, nowhere),
        st.builds(tree.Add, blocks, paths, nowhere),
        st.builds(tree.Replace, step, blocks, nowhere),
        st.builds(tree.Move, paths, st.sampled_from(("before", "after")), paths, nowhere),
        st.builds(tree.SetConstant, _choices(), nowhere),
    )
    expectation = st.builds(tree.Expectation, st.lists(names, max_size=2).map(tuple), nowhere)
    return st.builds(tree.Variant, names, st.lists(edit, max_size=3).map(tuple), expectation, docs, nowhere)


def _choices() -> st.SearchStrategy[tree.Choice]:
    return st.builds(tree.Choice, names, expressions, st.just(NOWHERE))


def _declarations() -> st.SearchStrategy[tree.Declaration]:
    nowhere = st.just(NOWHERE)
    kinds = st.sampled_from(("operation", "hardware", "environment", "fault", "action"))
    sort = st.builds(tree.SortDecl, names, limits, st.none(), st.just(False), nowhere)
    named = st.builds(tree.SortDecl, names, st.none(), name_lists, st.booleans(), nowhere)
    initial = st.none() | st.just("any") | expressions
    return st.one_of(
        st.builds(tree.Use, name_lists, nowhere),
        sort,
        named,
        st.builds(tree.FunctionDecl, st.sampled_from(("state", "const")), names, parameters, types, initial, nowhere),
        st.builds(tree.Define, names, parameters, st.none() | types, expressions, nowhere),
        st.builds(tree.ActionDecl, kinds, fairness, names, parameters, limits, blocks, nowhere),
        _machines(),
        _protocols(),
        _properties(),
        st.builds(tree.Final, expressions, nowhere),
        _for_any(),
        _scenarios(),
        st.builds(tree.Instance, names, st.lists(_choices(), max_size=2).map(tuple), st.none() | st.just(704), nowhere),
        _variants(),
    )


files = st.builds(
    tree.File,
    st.sampled_from(("spec", "model")),
    names,
    docs,
    st.lists(_declarations(), max_size=5).map(tuple),
    st.just(NOWHERE),
)


class Case:
    """A file that shows itself as its text: Hypothesis would take minutes to print the tree of a failing example."""

    def __init__(self, file: tree.File) -> None:
        self.file = file

    def __repr__(self) -> str:
        return format_tree(self.file)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    return Case(draw(files))
