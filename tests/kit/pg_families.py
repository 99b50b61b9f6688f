"""Tables of PostgreSQL's types with values at their edges, a table a family: (column, type, literals). Row n has the
n-th literal of each column, or NULL. `MODES` are the ways in which a connector reads them, and LOST the values that
the forms of a mode have no place for: those come as null, and the log names them."""

FAMILIES = {
    "numbers": [
        ("bo", "boolean", ["true", "false"]),
        ("i2", "smallint", ["-32768", "32767"]),
        ("i4", "integer", ["-2147483648", "2147483647", "0"]),
        ("i8", "bigint", ["-9223372036854775808", "9223372036854775807"]),
        ("o", "oid", ["4294967295", "0"]),
        ("f4", "real", ["1.1754944E-38", "3.4028235E38", "'NaN'", "'-Infinity'", "-0.0", "0.1"]),
        ("f8", "double precision", ["2.2250738585072014E-308", "1.7976931348623157E308", "'Infinity'", "'NaN'", "0.1", "5e-324"]),
        ("n", "numeric", ["0", "1.500", "-12345678901234567890.123456789", "1e130", "1e-130", "'NaN'", "'Infinity'", "'-Infinity'"]),
        ("n52", "numeric(5,2)", ["-999.99", "0.01", "100", "'NaN'"]),
        ("nneg", "numeric(5,-2)", ["12345", "-99900", "0"]),
        ("n57", "numeric(3,7)", ["0.0000123", "-0.0000999"]),
        ("n100", "numeric(100,50)", ["1.5", "-9" + "9" * 40 + "." + "1" * 50]),
        ("m", "money", ["-92233720368547758.08", "92233720368547758.07", "0", "-0.01"]),
        ("na", "numeric[]", ["'{1.50,NULL,-3}'", "'{}'"]),
        ("ia", "integer[]", ["'{{1,2},{3,NULL}}'", "'[0:1]={7,8}'", "'{}'", "'{NULL}'"]),
        ("fa", "float8[]", ["'{1.5,NaN,-Infinity}'"]),
        ("ba", "boolean[]", ["'{t,f,NULL}'"]),
    ],
    "texts": [
        ("t", "text", ["''", "'a''b\"c\\d'", "E'tab\\tline\\nü€𝄞'", "repeat('x', 5000)"]),
        ("vc", "varchar(10)", ["'äöü'", "''"]),
        ("c5", "char(5)", ["'ab'", "''"]),
        ("c1", '"char"', ["'x'"]),
        ("nm", "name", ["'some name'"]),
        ("ci", "citext", ["'MiXed'"]),
        ("ta", "text[]", ["""'{"a,b","\\"q\\"",NULL,"NULL","",\\\\}'""", "'{{a,b},{c,d}}'"]),
        ("va", "varchar(4)[]", ["'{ab,NULL}'"]),
        ("cia", "citext[]", ["'{A,NULL}'"]),
        ("by", "bytea", ["'\\x'", "'\\x00ff7f80'", "decode(repeat('ab', 3000), 'hex')"]),
        ("bya", "bytea[]", ["ARRAY['\\x00ff'::bytea, NULL]"]),
        ("x", "xml", ["'<a b=\"1\">ü</a>'"]),
        ("j", "json", ["'{\"a\" : [1, 2.50, null]}'", "'\"\"'"]),
        ("jb", "jsonb", ["'{\"a\" : [1, 2.50, null]}'", "'null'"]),
        ("ja", "jsonb[]", ["ARRAY['{\"a\":1}'::jsonb, NULL]"]),
        ("u", "uuid", ["'00000000-0000-0000-0000-000000000000'", "'FFFFFFFF-ffff-4fff-8fff-ffffffffffff'"]),
        ("ua", "uuid[]", ["'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}'"]),
        ("hs", "hstore", ["'a=>1, \"b \\\"q\\\"\"=>NULL'", "''"]),
        ("hsa", "hstore[]", ["ARRAY['a=>1'::hstore, NULL]"]),
        ("lt", "ltree", ["'Top.Science'", "''"]),
        ("lta", "ltree[]", ["'{a.b,NULL}'"]),
        ("ts", "tsvector", ["'fat:2A cat:3'", "''"]),
        ("isb", "isbn", ["'978-0-393-04002-9'"]),
    ],
    "bits": [
        ("b1", "bit(1)", ["B'1'", "B'0'"]),
        ("b3", "bit(3)", ["B'101'", "B'001'", "B'000'"]),
        ("b64", "bit(64)", ["B'1" + "0" * 62 + "1'"]),
        ("vb", "varbit", ["B''", "B'001'", "B'1111000011110000'"]),
        ("vb5", "varbit(5)", ["B'10101'"]),
        ("ba", "bit(3)[]", ["'{101,NULL,001}'"]),
        ("b1a", "bit(1)[]", ["'{1,0,NULL}'"]),
    ],
    "times": [
        ("d", "date", ["'infinity'", "'-infinity'", "'4713-01-01 BC'", "'0001-01-01'", "'5874897-12-31'", "'1969-12-31'"]),
        ("t", "time", ["'24:00:00'", "'23:59:59.999999'", "'00:00:00'"]),
        ("t0", "time(0)", ["'24:00:00'", "'12:34:56'"]),
        ("t3", "time(3)", ["'12:34:56.789'"]),
        ("tz", "timetz", ["'24:00:00+00'", "'23:59:59.999999-15:59'", "'00:00:00+15:59'"]),
        ("ts", "timestamp", ["'infinity'", "'-infinity'", "'4713-01-01 00:00:00 BC'", "'294246-12-31 23:59:59.999999'", "'1969-12-31 23:59:59.999999'",
                             "'294276-12-31 23:59:59.999999'"]),
        ("ts0", "timestamp(0)", ["'1969-12-31 23:59:59'", "'infinity'"]),
        ("ts3", "timestamp(3)", ["'1969-12-31 23:59:59.999'", "'2024-02-29 00:00:00.001'"]),
        ("tsz", "timestamptz", ["'infinity'", "'-infinity'", "'4713-01-01 00:00:00+00 BC'", "'294276-12-31 23:59:59.999999+00'", "'2024-02-29 12:00:00+05:30'"]),
        ("tsz2", "timestamptz(2)", ["'2024-02-29 12:00:00.1+00'"]),
        ("iv", "interval", ["'1 year 2 mons -3 days +04:05:06.789'", "'-178000000 years'", "'-00:00:00.000001'", "'1000000 hours'", "'0'"]),
        ("iy", "interval year to month", ["'13 months'"]),
        ("i2", "interval(2)", ["'1.25 seconds'"]),
        ("da", "date[]", ["'{2024-02-29,NULL}'"]),
        ("tia", "time[]", ["'{24:00:00,12:34:56.789012,NULL}'"]),
        ("tza", "timetz[]", ["'{12:00:00+02,NULL}'"]),
        ("tsa", "timestamp[]", ["'{\"2024-02-29 12:34:56.789012\",NULL}'"]),
        ("tsza", "timestamptz[]", ["'{\"2024-02-29 12:34:56.789012+00\",NULL}'"]),
    ],
    "shapes": [
        ("p", "point", ["'(1.5,-2)'", "'(NaN,Infinity)'"]),
        ("l", "line", ["'{1,-2,0.5}'"]),
        ("ls", "lseg", ["'[(1,2),(3,4)]'"]),
        ("b", "box", ["'(3,4),(1,2)'"]),
        ("pa", "path", ["'[(1,2),(3,4)]'", "'((1,2),(3,4),(5,6))'"]),
        ("po", "polygon", ["'((0,0),(1,0),(1,1))'", "'((5,5))'"]),
        ("c", "circle", ["'<(1,2),3>'"]),
        ("ba", "box[]", ["'{(3,4),(1,2);(1,1),(0,0)}'"]),
        ("ca", "circle[]", ["'{\"<(1,2),3>\",NULL}'"]),
        ("lsa", "lseg[]", ["'{\"[(1,2),(3,4)]\"}'"]),
    ],
    "nets": [
        ("i", "inet", ["'10.0.0.1'", "'::1/128'", "'192.168.0.0/16'"]),
        ("ci", "cidr", ["'10.0.0.0/8'", "'::/0'"]),
        ("ma", "macaddr", ["'08:00:2b:01:02:03'"]),
        ("m8", "macaddr8", ["'08:00:2b:01:02:03:04:05'"]),
        ("ia", "inet[]", ["'{10.0.0.1,NULL}'"]),
        ("r4", "int4range", ["'[1,5)'", "'empty'", "'(,)'"]),
        ("r8", "int8range", ["'[1,5]'"]),
        ("rn", "numrange", ["'(1.5,2.50]'"]),
        ("rd", "daterange", ["'[2024-01-01,infinity)'"]),
        ("rt", "tsrange", ["'[2024-01-01 00:00:00,)'"]),
        ("rz", "tstzrange", ["'[2024-01-01 00:00:00+00,infinity)'"]),
        ("ra", "int4range[]", ["'{\"[1,3)\",NULL,empty}'"]),
        ("mr", "int4multirange", ["'{[1,2),[4,5)}'", "'{}'"]),
        ("iv", "int2vector", ["'1 2 -3'", "''"]),
        ("ov", "oidvector", ["'1 4294967295'"]),
    ],
    "made": [
        ("e", "mood", ["'sad'", "'o,k \"x\"'"]),
        ("ea", "mood[]", ["'{sad,NULL}'", "'{}'"]),
        ("dn", "amount", ["1.25", "-0.01"]),
        ("dd", "short", ["'abc'"]),
        ("de", "feeling", ["'sad'"]),
        ("dea", "feeling[]", ["'{sad,NULL}'"]),
        ("dia", "ints", ["'{1,2,NULL}'"]),
        ("da", "amount[]", ["'{1.25}'"]),
        ("co", "pair", ["ROW(1, 'a b')"]),
        ("coa", "pair[]", ["ARRAY[ROW(1, 'a')::pair, ROW(NULL, 'b')::pair]"]),
        ("cu", "cube", ["'(1,2),(3,4)'"]),
        ("se", "seg", ["'1 .. 2'"]),
        ("tq", "tsquery", ["'fat & cat'"]),
        ("jp", "jsonpath", ["'$.a'"]),
        ("ls", "pg_lsn", ["'16/B374D848'"]),
        ("x8", "xid8", ["'18446744073709551615'"]),
        ("rc", "regclass", ["'pg_class'"]),
        ("cur", "refcursor", ["'c'"]),
        ("lo", "lo", ["42"]),
        ("moa", "money[]", ["'{1.50,NULL}'"]),
        ("xa", "xml[]", ["'{<a/>}'"]),
        ("pa", "point[]", ["'{\"(1,2)\"}'"]),
        ("iva", "interval[]", ["'{1 day}'"]),
    ],
}

DDL = """CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION isn; CREATE EXTENSION cube;
CREATE EXTENSION seg; CREATE EXTENSION lo;
CREATE TYPE mood AS ENUM ('sad', 'o,k "x"');
CREATE DOMAIN amount AS numeric(6,2); CREATE DOMAIN short AS varchar(5); CREATE DOMAIN sad AS mood; CREATE DOMAIN feeling AS sad;
CREATE DOMAIN ints AS int[]; CREATE TYPE pair AS (a int, b text);
"""

# Families of extensions that not every server has.
EXTENSIONS = {
    "postgis": [
        ("g", "geometry", ["'POINT(1.5 -2)'", "'SRID=3187;POLYGON((0 0,1 0,1 1,0 0))'", "'GEOMETRYCOLLECTION EMPTY'"]),
        ("gp", "geometry(PointZ,4326)", ["'SRID=4326;POINT Z (1 2 3)'"]),
        ("gg", "geography", ["'POINT(1 2)'"]),
        ("ga", "geometry[]", ["ARRAY['POINT(1 2)'::geometry, NULL]"]),
        ("gga", "geography[]", ["ARRAY['POINT(1 2)'::geography]"]),
    ],
    "vector": [
        ("v", "vector", ["'[1,2.5,-3]'"]),
        ("hv", "halfvec", ["'[1,2.5,-3]'"]),
        ("sv", "sparsevec", ["'{1:1,3:2.5}/5'", "'{}/3'"]),
    ],
}

MODES = {
    "plain": {},
    "double": {"decimal.handling.mode": "double", "binary.handling.mode": "base64", "time.precision.mode": "adaptive_time_microseconds"},
    "string": {"decimal.handling.mode": "string", "binary.handling.mode": "hex", "interval.handling.mode": "string", "hstore.handling.mode": "map",
               "time.precision.mode": "isostring"},
    "structured": {"time.precision.mode": "structured", "binary.handling.mode": "base64-url-safe", "include.unknown.datatypes": "true"},
    "connect": {"time.precision.mode": "connect", "include.unknown.datatypes": "true", "binary.handling.mode": "hex"},
    "micros": {"time.precision.mode": "microseconds", "money.fraction.digits": "4"},
    "nanos": {"time.precision.mode": "nanoseconds", "interval.handling.mode": "string"},
}

NOT_NUMBERS = {"'NaN'", "'Infinity'", "'-Infinity'"}
FAR = {"'294276-12-31 23:59:59.999999'"}
LOST = {
    # (modes, type): literals
    ("plain structured connect micros nanos", "numeric"): NOT_NUMBERS,
    ("plain structured connect micros nanos", "numeric(5,2)"): NOT_NUMBERS,
    ("plain double micros", "timestamp"): FAR,
    ("structured connect", "money[]"): {"'{1.50,NULL}'"},      # elements that come as bytes can't be null
    ("nanos", "timestamp"): FAR | {"'4713-01-01 00:00:00 BC'", "'294246-12-31 23:59:59.999999'"},
}

# Types without a form: with include.unknown.datatypes their values are the bytes of their texts.
UNKNOWN = ("int4multirange", "pair", "pair[]", "cube", "seg", "tsquery", "jsonpath", "pg_lsn", "xid8", "regclass", "refcursor", "amount[]", "money[]",
           "xml[]", "point[]", "interval[]")


def lost(mode, kind, literal):
    return any(mode in modes.split() and kind == of and literal in literals for (modes, of), literals in LOST.items())


def exact(mode, kind):
    """Whether the form of a type tells all of a value, so that it can be read back."""
    settings = MODES[mode]
    if kind in UNKNOWN:
        return False
    if kind.startswith(("numeric", "money", "amount")) and settings.get("decimal.handling.mode") == "double":
        return False
    if kind == "money" and "money.fraction.digits" in settings:
        return False
    if kind.startswith("bytea") and "binary.handling.mode" in settings:
        return False
    if kind.startswith("hstore") and settings.get("hstore.handling.mode") != "map":
        return False
    return kind != "timetz[]" or mode == "structured"       # its offsets are not told


def cells(family):
    """(row number, column, type, literal) of all that are not NULL."""
    return [(row, name, kind, literal) for name, kind, literals in family for row, literal in enumerate(literals)]


def ddl(name, family):
    rows = max(len(literals) for _, _, literals in family)
    lines = [f"CREATE TABLE {name} (id int PRIMARY KEY, touched int DEFAULT 0, " + ", ".join(f'"{c}" {kind}' for c, kind, _ in family) + ");",
             f"ALTER TABLE {name} REPLICA IDENTITY FULL;"]
    for row in range(rows + 1):  # the last is all NULL
        values = [literals[row] if row < len(literals) else "NULL" for _, _, literals in family]
        lines.append(f"INSERT INTO {name} VALUES ({row}, 0, {', '.join(values)});")
    return "\n".join(lines) + "\n"
