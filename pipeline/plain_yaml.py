"""YAML as people write it: no aliases, tags or nesting that would make much of little, and no key twice."""

from typing import Any

import yaml

DEEPEST = 20  # levels; what people write has four
LONGEST = 500_000  # characters; a hundred checks of a hundred phrases have fewer, and reading these takes seconds


class NotPlain(Exception):  # noqa: N818  what the text is
    """The text is no YAML, or none of the plain kind. The message is a sentence that says where and what."""


def load(text: str) -> Any:  # noqa: ANN401  whatever the text holds
    """The content of a text: lists, mappings, text, numbers, yes and no. Raises NotPlain in words."""
    if len(text) > LONGEST:
        raise NotPlain(f"The file has {len(text):,} characters; at most {LONGEST:,} are read.")
    try:
        return yaml.load(text, _Loader)  # noqa: S506  a SafeLoader, and less than that
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise NotPlain(f"This is not YAML at line {line}: it holds a character that no text has.") from error
    except yaml.MarkedYAMLError as error:
        place = f" at line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise NotPlain(f"This is not YAML{place}: {error.problem}.") from error
    except ValueError as error:  # a number or a date that only looks like one
        raise NotPlain(f"The file holds a value that cannot be read ({error}). Put it in quotes.") from error


class _Loader(yaml.SafeLoader):
    """Reads the plain kind only."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]  # so in the library's stubs
        self.depth += 1
        if isinstance(event, yaml.AliasEvent):
            raise _refusal("aliases (*name) are not taken; write it out", event)
        if getattr(event, "tag", None):
            raise _refusal("tags (!name) are not taken; write plain values", event)
        if self.depth > DEEPEST:
            raise _refusal("it is nested too deeply to be a list of checks", event)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise _refusal(f"'{key.value}' is given twice", key)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        return super().construct_mapping(node, deep)


def _refusal(problem: str, at: yaml.Event | yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=at.start_mark)  # type: ignore[arg-type]  # either kind of mark


_Loader.yaml_implicit_resolvers = {  # a date in a name is text
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
