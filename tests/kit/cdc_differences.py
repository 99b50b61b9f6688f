"""Where ours differs from the recording on purpose: the original loses or corrupts a value there, or says two
things of one row. tests/cases/debezium-postgres/differences.json names each such case:

    "CASE": {"why": "REASON", "ours": [["PLACE", RECORDED, OURS], ...]}

A place is a path into the case, or into its recording with schemas written out: names of members, indexes of
lists, names of fields and headers, several of them as 0|2, or * for all. RECORDED must be what the recording says there ("..."
for anything that is not ours), so that an entry stands for its difference and nothing else; "#none" for no such
member. Every place must exist, but the one behind the last of a list: "#copy N" puts another there that is as
its N-th."""
from .cdc_json import flat, loads
from .cdc_recording import comparable, expanded

NONE, ANYTHING, COPY = "#none", "...", "#copy "


class Stale(Exception):
    """An entry that does not speak of what was recorded."""


def keys(node, name):
    """The keys of a node that one name of a path speaks of."""
    names = name.split("|")
    if isinstance(node, dict):
        return [key for key in node if name == "*" or key in names]
    if not isinstance(node, list):
        return []
    return [i for i, x in enumerate(node) if name == "*" or str(i) in names or isinstance(x, dict) and x.get("field") in names
            or isinstance(x, list) and x and x[0] in names]


def places(root, path):
    """Every (parent, key) that the path leads to; the last name may be a new one."""
    *way, last = path.split("/")
    nodes = [root]
    for name in way:
        nodes = [node[key] for node in nodes for key in keys(node, name)]
    for node in nodes:
        found = keys(node, last)
        if not found and isinstance(node, dict) and last != "*":
            found = [last]
        if not found and isinstance(node, list) and last == str(len(node)):
            found = [len(node)]
        for key in sorted(found, reverse=True):
            yield node, key


def put(node, key, recorded, ours):
    if isinstance(node, list) and key == len(node):
        if recorded != NONE or not str(ours).startswith(COPY):
            return False
        node.append(loads(flat(node[int(str(ours)[len(COPY):])])))
        return True
    was = node[key] if isinstance(node, list) else node.get(key, NONE)
    if flat(was) == flat(ours) or recorded != ANYTHING and flat(was) != flat(recorded):
        return False
    if ours == NONE:
        del node[key]
    else:
        node[key] = loads(flat(ours))
    return True


def differing(case, difference):
    """What is compared of the case, with ours in it; steps and settings of the case become ours."""
    want = loads(flat(expanded(comparable(case.get("expect", {})))))
    for path, recorded, ours in (difference or {}).get("ours", ()):
        root = case if path.split("/")[0] in case else want
        if not sum([put(node, key, recorded, ours) for node, key in places(root, path)]):
            raise Stale(f"nothing recorded at {path} is {flat(recorded)}")
    return want
