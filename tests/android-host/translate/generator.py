"""Random Java programs that end, and say what they computed: `program(seed)` is the text of class `P<seed>`.

They share `programs/Support.java`. All types, mixed on purpose: what lives at the same time in DEX registers is
what a translator confuses. What a program says must not hang on what the tools may change: no names of its own
classes, no messages about nulls.
"""

from __future__ import annotations

import random

NUMBERS = ("int", "long", "float", "double", "byte", "short", "char")
PRIMITIVES = (*NUMBERS, "boolean")
ARRAYS = ("int[]", "long[]", "float[]", "double[]", "byte[]", "char[]", "short[]", "boolean[]", "String[]")
TYPES = (*PRIMITIVES, "String", *ARRAYS[:4], "Shape", "Object")
LITERALS = {
    "int": ["0", "1", "-1", "2", "7", "31", "-129", "32768", "65535", "1065353216", "Integer.MAX_VALUE"],
    "long": ["0L", "1L", "-1L", "63L", "1L << 32", "-70000L", "0x3ff0000000000000L", "Long.MIN_VALUE"],
    "float": ["0f", "-0f", "1f", "2.5f", "Float.NaN", "1f / 0", "-3.4e38f", "1e-45f", "16777217f"],
    "double": ["0d", "-0d", "1d", "-2.5", "0d / 0", "-1 / 0d", "1e300", "4.9e-324", "1e10"],
    "byte": ["(byte) 0", "(byte) -1", "(byte) 127"],
    "short": ["(short) 0", "(short) -32768", "(short) 300"],
    "char": ["'a'", "'\\0'", "'\\uffff'"],
    "boolean": ["true", "false"],
    "String": ['""', '"s"', "null", '"\\u00e9\\0"'],
    "Object": ["null", '"o"', "5", "2.5", "'c'", "new int[] {1}", "7L"],
}
WIDER = {"byte": 0, "short": 1, "char": 1, "int": 2, "long": 3, "float": 4, "double": 5}


class Program:
    """One program while it is written."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.name = f"P{seed}"
        self.names = 0
        self.methods: list[tuple[str, str, list[str]]] = []
        self.fields = [(f"f{i}", self.pick(TYPES)) for i in range(self.random.randint(3, 7))]
        self.scope: list[tuple[str, str, bool]] = []
        self.loops = 0
        self.result = "void"
        self.inside_lambda = 0

    def pick(self, choices: object) -> str:
        return str(self.random.choice(list(choices)))  # type: ignore[call-overload]

    def chance(self, part: float) -> bool:
        return self.random.random() < part

    def fresh(self) -> str:
        self.names += 1
        return f"v{self.names}"

    # Expressions

    def variables(self, kind: str, writable: bool = False) -> list[str]:
        found = [name for name, of, free in self.scope if of == kind and (free or not writable)]
        return found + [name for name, of in self.fields if of == kind]

    def expression(self, kind: str, depth: int = 0) -> str:
        known = self.variables(kind)
        if depth > 2 or self.chance(0.3):
            return self.pick(known) if known and self.chance(0.75) else self.literal(kind)
        if self.methods and not self.inside_lambda and self.chance(0.08):
            fitting = [method for method in self.methods if method[1] == kind]
            if fitting:
                name, _, takes = self.random.choice(fitting)
                return f"{name}({', '.join(self.expression(one, depth + 1) for one in takes)})"
        if known and self.chance(0.15):
            return self.pick(known)
        return getattr(self, f"_{kind.removesuffix('[]') if kind in PRIMITIVES else self._group(kind)}")(
            kind, depth
        )

    @staticmethod
    def _group(kind: str) -> str:
        return "array" if kind.endswith("[]") else {"String": "string", "Shape": "shape"}.get(kind, "object")

    def literal(self, kind: str) -> str:
        if kind == "Shape":
            return f"new {self.pick(('Square', 'Round'))}({self.pick(LITERALS['int'])})"
        if kind.endswith("[]"):
            return f"new {kind[:-2]}[{self.random.randint(0, 4)}]"
        text = self.pick(LITERALS[kind])
        return f"obj({text})" if kind == "Object" else f"((String) {text})" if kind == "String" else f"({text})"

    def _arithmetic(self, kind: str, depth: int) -> str:
        one, two = self.expression(kind, depth + 1), self.expression(kind, depth + 1)
        bits = ["&", "|", "^", "<<", ">>", ">>>"] if kind in ("int", "long") else []
        operator = self.pick(["+", "-", "*", "/", "%", *bits])
        choice = self.random.random()
        if choice < 0.1:
            return f"(-{one})" if kind not in ("int", "long") or self.chance(0.5) else f"(~{one})"
        if choice < 0.25:
            return f"(({kind}) {self.expression(self.pick(NUMBERS), depth + 1)})"
        if choice < 0.33:
            return f"({self.expression('boolean', depth + 1)} ? {one} : {two})"
        if choice < 0.45:
            return f"at({self.expression(f'{kind}[]', depth + 1)}, {self.expression('int', depth + 1)})"
        if choice < 0.55:
            return f"({one} {operator} {self.literal(kind)})"
        if operator in ("<<", ">>", ">>>") and self.chance(0.6):
            two = self.expression(self.pick(("int", "long")), depth + 1)
        return f"({one} {operator} {two})"

    def _int(self, kind: str, depth: int) -> str:
        choice = self.random.random()
        if choice < 0.06:
            return f"{self.expression('String', depth + 1)}.length()"
        if choice < 0.1:
            return f"{self.expression(self.pick(ARRAYS[:4]), depth + 1)}.length"
        if choice < 0.14:
            return f"{self.expression('Shape', depth + 1)}.sides({self.expression('long', depth + 1)})"
        if choice < 0.17:
            return f"((int) (Integer) {self.expression('Object', depth + 1)})"
        if choice < 0.2:
            return f"Float.floatToIntBits({self.expression('float', depth + 1)})"
        if choice < 0.23 and not self.inside_lambda:
            return self._lambda(depth)
        return self._arithmetic(kind, depth)

    def _lambda(self, depth: int) -> str:
        name = self.fresh()
        outer, self.scope = self.scope, [(name, "int", False)]
        self.inside_lambda += 1
        body = self.expression("int", depth + 1)
        self.inside_lambda -= 1
        self.scope = outer
        return f"apply({name} -> {body}, {self.expression('int', depth + 1)})"

    def _long(self, kind: str, depth: int) -> str:
        return self._arithmetic(kind, depth)

    def _float(self, kind: str, depth: int) -> str:
        return self._arithmetic(kind, depth)

    def _double(self, kind: str, depth: int) -> str:
        if self.chance(0.08):
            return f"{self.expression('Shape', depth + 1)}.area({self.expression('float', depth + 1)})"
        return self._arithmetic(kind, depth)

    def _small(self, kind: str, depth: int) -> str:
        return f"(({kind}) {self.expression(self.pick(('int', 'int', 'long', 'double', 'float')), depth + 1)})"

    _byte = _short = _char = _small

    def _boolean(self, kind: str, depth: int) -> str:
        choice = self.random.random()
        if choice < 0.5:
            of = self.pick(NUMBERS)
            one, two = self.expression(of, depth + 1), self.expression(of, depth + 1)
            if self.chance(0.3):
                one = "0"
            return f"({one} {self.pick(('<', '<=', '>', '>=', '==', '!='))} {two})"
        if choice < 0.6:
            of = self.pick(("String", "Object"))
            return f"({self.expression(of, depth + 1)} {self.pick(('==', '!='))} null)"
        if choice < 0.7:
            of = self.pick(("String", "Integer", "int[]", "Number", "Comparable<?>", "Double"))
            return f"({self.expression('Object', depth + 1)} instanceof {of})"
        one, two = self.expression("boolean", depth + 1), self.expression("boolean", depth + 1)
        return f"(!{one})" if choice < 0.78 else f"({one} {self.pick(('&&', '||', '^', '&', '|'))} {two})"

    def _string(self, kind: str, depth: int) -> str:
        choice = self.random.random()
        if choice < 0.5:
            parts = [self.expression(self.pick((*PRIMITIVES, "String")), depth + 2) for _ in range(2)]
            return f'("" + {parts[0]} + {parts[1]})'
        if choice < 0.7:
            return f"{self.expression('String', depth + 1)}.substring({self.expression('int', depth + 1)} & 3)"
        if choice < 0.8:
            return f"((String) {self.expression('Object', depth + 1)})"
        return (
            f"({self.expression('boolean', depth + 1)} ? {self.expression('String', depth + 1)} : (String) null)"
        )

    def _array(self, kind: str, depth: int) -> str:
        element = kind[:-2]
        if self.chance(0.4):
            values = [self.expression(element, depth + 2) for _ in range(self.random.randint(1, 5))]
            return f"new {kind} {{{', '.join(values)}}}"
        if self.chance(0.3):
            constants = [self.literal(element) for _ in range(self.random.choice((3, 6, 45)))]
            return f"new {kind} {{{', '.join(constants)}}}"
        if self.chance(0.3):
            return (
                f"({self.expression('boolean', depth + 1)} ? {self.expression(kind, depth + 1)} : ({kind}) null)"
            )
        return f"new {element}[{self.expression('int', depth + 1)} & 7]"

    def _shape(self, kind: str, depth: int) -> str:
        if self.chance(0.3):
            one, two = self.expression("Shape", depth + 1), self.expression("Shape", depth + 1)
            return f"({self.expression('boolean', depth + 1)} ? {one} : {two})"
        return f"new {self.pick(('Square', 'Round'))}({self.expression('int', depth + 1)})"

    def _object(self, kind: str, depth: int) -> str:
        of = self.pick(("int", "long", "double", "String", "int[]", "Shape", "char", "boolean"))
        return f"obj({self.expression(of, depth + 1)})"

    # Statements

    def block(self, depth: int, indent: str, length: int | None = None) -> str:
        kept = len(self.scope)
        count = length or self.random.randint(1, 3)
        text = "".join(self.statement(depth, indent + "  ") for _ in range(count))
        del self.scope[kept:]
        return "{\n" + text + indent + "}"

    def statement(self, depth: int, indent: str) -> str:
        simple = [self._declare, self._assign, self._assign, self._say, self._store, self._count]
        nested = [self._if, self._for, self._while, self._switch, self._try, self._lock, self._leave, self._if]
        choice = self.random.choice(simple + (nested if depth < 2 else []))
        return choice(depth, indent)

    def _declare(self, _depth: int, indent: str) -> str:
        kind = self.pick(TYPES)
        value, name = self.expression(kind), self.fresh()
        self.scope.append((name, kind, True))
        return f"{indent}{kind} {name} = {value};\n"

    def _assign(self, depth: int, indent: str) -> str:
        kind = self.pick(TYPES)
        known = self.variables(kind, writable=True)
        if not known:
            return self._declare(depth, indent)
        name = self.pick(known)
        if kind in NUMBERS and self.chance(0.5):
            other = self.expression(self.pick([of for of in NUMBERS if WIDER[of] <= WIDER[kind]]))
            return f"{indent}{name} {self.pick(('+=', '-=', '*=', '/=', '%='))} {other};\n"
        return f"{indent}{name} = {self.expression(kind)};\n"

    def _count(self, depth: int, indent: str) -> str:
        known = [name for kind in NUMBERS for name in self.variables(kind, writable=True)]
        return f"{indent}{self.pick(known)}{self.pick(('++', '--'))};\n" if known else self._say(depth, indent)

    def _store(self, depth: int, indent: str) -> str:
        kind = self.pick(ARRAYS)
        known = self.variables(kind)
        if not known:
            return self._assign(depth, indent)
        value, at = self.expression(kind[:-2]), self.expression("int")
        return f"{indent}{self.pick(known)}[{at} & 3] = {value};\n"

    def _say(self, _depth: int, indent: str) -> str:
        kind = self.pick((*PRIMITIVES, "String"))
        return f"{indent}out.append({self.expression(kind)}).append(' ');\n"

    def _if(self, depth: int, indent: str) -> str:
        text = f"{indent}if ({self.expression('boolean')}) {self.block(depth + 1, indent)}"
        return text + (f" else {self.block(depth + 1, indent)}\n" if self.chance(0.6) else "\n")

    def _for(self, depth: int, indent: str) -> str:
        name = self.fresh()
        kind = self.pick(("int", "long", "float", "short"))
        self.scope.append((name, kind, False))
        self.loops += 1
        body = self.block(depth + 1, indent)
        self.loops -= 1
        self.scope.pop()
        step = f"{name} += 1"
        return f"{indent}for ({kind} {name} = 0; {name} < {self.random.randint(1, 5)}; {step}, fuel()) {body}\n"

    def _while(self, depth: int, indent: str) -> str:
        condition = self.expression("boolean")
        self.loops += 1
        body = self.block(depth + 1, indent)
        self.loops -= 1
        if self.chance(0.5):
            return f"{indent}while (fuel() && {condition}) {body}\n"
        return f"{indent}do {body} while (fuel() && {condition});\n"

    def _switch(self, depth: int, indent: str) -> str:
        dense = self.chance(0.5)
        keys = range(self.random.randint(1, 5)) if dense else [-1000, 0, 7, 65536][: self.random.randint(1, 4)]
        text = f"{indent}switch ({self.expression('int')}{' & 7' if dense else ''}) {{\n"
        for key in keys:
            kept = len(self.scope)
            text += f"{indent}  case {key}: {self.block(depth + 1, indent + '  ')}\n"
            del self.scope[kept:]
            text += f"{indent}    {'break;' if self.chance(0.6) else ''}\n"
        return text + f"{indent}  default: {self.block(depth + 1, indent + '  ')}\n{indent}}}\n"

    def _try(self, depth: int, indent: str) -> str:
        text = f"{indent}try {self.block(depth + 1, indent)}"
        caught = self.random.sample(
            ["ArithmeticException", "NullPointerException", "IndexOutOfBoundsException", "ClassCastException"], 2
        )
        caught = caught[: self.random.randint(0, 2)]
        for one in caught:
            text += f" catch ({one} {self.fresh()}) {self.block(depth + 1, indent)}"
        name = self.fresh()
        anything = self.chance(0.4)
        if anything:
            told = f"{indent}  out.append({name}.getClass().getName());\n"
            text += f" catch (RuntimeException {name}) {{\n{told}{indent}}}"
        if not (caught or anything) or self.chance(0.5):
            text += f" finally {self.block(depth + 1, indent)}"
        return text + "\n"

    def _lock(self, depth: int, indent: str) -> str:
        return f"{indent}synchronized ({self.pick(('LOCK', 'out'))}) {self.block(depth + 1, indent)}\n"

    def _leave(self, depth: int, indent: str) -> str:
        condition = self.expression("boolean")
        choice = self.random.random()
        if choice < 0.4 and self.loops:
            return f"{indent}if ({condition}) {self.pick(('break', 'continue'))};\n"
        if choice < 0.7:
            value = "" if self.result == "void" else f" {self.expression(self.result)}"
            return f"{indent}if ({condition}) return{value};\n"
        return f'{indent}if ({condition}) throw new IllegalStateException("said");\n'

    def method(self, index: int) -> str:
        kind = self.pick(TYPES)
        takes = [self.pick(TYPES) for _ in range(self.random.randint(0, 6))]
        names = [self.fresh() for _ in takes]
        self.scope = [(name, of, True) for name, of in zip(names, takes, strict=True)]
        self.result, self.loops = kind, 0
        body = self.block(0, "  ", self.random.randint(3, 6))
        listed = ", ".join(f"{of} {name}" for name, of in zip(names, takes, strict=True))
        self.scope = []
        value = self.expression(kind, 2)
        self.methods.append((f"m{index}", kind, takes))
        text = f"  static {kind} m{index}({listed}) {{\n    fuel();\n"
        return f"{text}    if (fuel()) {body}\n    return {value};\n  }}\n"

    def text(self) -> str:
        methods = "".join(self.method(index) for index in range(self.random.randint(2, 4)))
        fields = "".join(f"  static {kind} {name} = {self.literal(kind)};\n" for name, kind in self.fields)
        calls = ""
        self.scope, self.result = [], "void"
        for _ in range(5):
            name, _, takes = self.random.choice(self.methods)
            listed = ", ".join(self.expression(one, 2) for one in takes)
            calls += (
                f"    try {{ left = 300; say({name}({listed})); }} catch (RuntimeException e) {{ tell(e); }}\n"
            )
        said = "".join(f"    say({name});\n" for name, _ in self.fields)
        return f"""public class {self.name} extends Support {{
{fields}
{methods}
  public static void run(StringBuilder to) {{
    out = to;
{calls}{said}  }}
}}
"""


def program(seed: int) -> str:
    """The text of a program; the same for the same seed."""
    return Program(seed).text()
