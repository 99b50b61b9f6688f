"""JSON that keeps the order of members and the text of numbers, and the first difference of two values."""
import json


class Num(str):
    """A number that is not an integer, as it was written."""


def loads(text):
    return json.loads(text, parse_float=Num, parse_constant=Num)


def flat(v):
    if isinstance(v, Num):
        return str(v)
    if isinstance(v, dict):
        return "{" + ", ".join(json.dumps(k, ensure_ascii=False) + ": " + flat(x) for k, x in v.items()) + "}"
    if isinstance(v, (list, tuple)):
        return "[" + ", ".join(map(flat, v)) + "]"
    return json.dumps(v, ensure_ascii=isinstance(v, str) and any("\ud800" <= c <= "\udfff" for c in v))


def pretty(v, indent=0, width=150):
    one = flat(v)
    if len(one) + indent <= width or not isinstance(v, (dict, list)) or not v:
        return one
    pad = " " * (indent + 1)
    members = list(v.values()) if isinstance(v, dict) else v
    if len(v) > 3 and all(not isinstance(x, (dict, list)) or len(flat(x)) < 60 for x in members):  # small members: several on a line
        items = [json.dumps(k, ensure_ascii=False) + ": " + flat(x) for k, x in v.items()] if isinstance(v, dict) else [flat(x) for x in v]
        lines, line = [], ""
        for i in items:
            if line and len(line) + len(i) + 2 + indent > width:
                lines.append(line)
                line = i
            else:
                line = line + ", " + i if line else i
        opening, closing = "{}" if isinstance(v, dict) else "[]"
        return opening + "\n" + ",\n".join(pad + x for x in lines + [line]) + "\n" + " " * indent + closing
    if isinstance(v, dict):
        body = [pad + json.dumps(k, ensure_ascii=False) + ": " + pretty(x, indent + 1, width) for k, x in v.items()]
        return "{\n" + ",\n".join(body) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + pretty(x, indent + 1, width) for x in v) + "\n" + " " * indent + "]"


def bare(v):
    """Without schemas, for messages."""
    if isinstance(v, dict):
        return bare(v["payload"]) if list(v) == ["schema", "payload"] else {k: bare(x) for k, x in v.items()}
    return [bare(x) for x in v] if isinstance(v, list) else v


def first_difference(want, got, path=""):
    if type(want) is not type(got) and not (isinstance(want, str) and isinstance(got, str) and not isinstance(want, Num) and not isinstance(got, Num)):
        return f"{path}: expected {flat(want)[:300]}, got {flat(got)[:300]}"
    if isinstance(want, dict):
        if list(want) != list(got):
            return f"{path}: expected members {list(want)}, got {list(got)}"
        for k in want:
            d = first_difference(want[k], got[k], f"{path}/{k}")
            if d:
                return d
        return None
    if isinstance(want, list):
        for i, (a, b) in enumerate(zip(want, got)):
            d = first_difference(a, b, f"{path}/{i}")
            if d:
                return d
        if len(want) != len(got):
            more = (want if len(want) > len(got) else got)[min(len(want), len(got))]
            return f"{path}: expected {len(want)} entries, got {len(got)}; first {'missing' if len(want) > len(got) else 'extra'}: {flat(bare(more))[:400]}"
        return None
    return None if want == got else f"{path}: expected {flat(want)[:300]}, got {flat(got)[:300]}"
