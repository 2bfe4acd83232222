"""Codes about files: what can be read at all, and which models a file takes in."""

from __future__ import annotations

from verifier.language.codes.entry import Entry

ENTRIES = {
    "E0001": Entry(
        "a file cannot be read",
        "There is no file of this name, it is a directory, or this user may not read it.",
    ),
    "E0002": Entry(
        "a file is too large",
        "Specifications are written by people, and a file has at most a million bytes and fifty thousand words."
        " A larger one is not read.",
    ),
    "E0003": Entry(
        "a file is not UTF-8",
        "Flip files are UTF-8 text. The position is that of the first byte that is no part of such a text.",
    ),
    "E0004": Entry(
        "a control character",
        "Besides line ends and tabs a file has no control characters, and none that change the direction of the text:"
        " a reader must see what is checked.",
    ),
    "E0030": Entry(
        "no model of this name",
        "`use a` looks for `a.flip` beside the file, then in a folder `models` beside it or beside its parent folder,"
        " then among the models that come with Flip.",
    ),
    "E0031": Entry(
        "models use each other in a circle",
        "A model is complete without those that use it. Move what both need into a third model.",
    ),
    "E0032": Entry(
        "a specification used as a model",
        "`use` takes in hardware: files that begin with `model`. A `spec` cannot be part of another.",
    ),
    "E0033": Entry(
        "a model named twice",
        "Each model is named once in a file.",
        "spec s\nuse memory, vtd\nuse memory",
        "spec s\nuse memory, vtd",
    ),
    "E0034": Entry(
        "too many models",
        "One specification takes in at most a hundred models, with four million bytes of text between them.",
    ),
    "E0035": Entry(
        "a model outside its folder",
        "The file found for a model is a link that leads out of the folder it was found in. Copy the file instead.",
    ),
    "E0036": Entry(
        "a model is not called like its file",
        "The file `vtd.flip` begins with `model vtd`, so that a name in a report leads to one file.",
    ),
}
