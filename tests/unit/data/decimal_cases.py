#!/usr/bin/env python3
"""Writes decimal_cases.txt: text, unscaled value in hex (two's complement), scale, plain text,
scientific text; split by tabs. The oracle is Python's decimal, whose layout is BigDecimal's."""
import random
from decimal import Decimal, getcontext

getcontext().prec = 100000
random.seed(1)


def row(text):
    d = Decimal(text)
    sign, digits, exponent = d.as_tuple()
    unscaled = int("".join(map(str, digits)))
    if sign:
        unscaled = -unscaled
    length = 1
    while not -(1 << (8 * length - 1)) <= unscaled < 1 << (8 * length - 1):
        length += 1
    raw = unscaled.to_bytes(length, "big", signed=True).hex()
    d = Decimal((1 if unscaled < 0 else 0, digits, exponent))  # Java has no -0
    plain = "0" if not unscaled and exponent > 0 else format(d, "f")
    return "\t".join([text, raw, str(-exponent), plain, str(d)])


texts = ["0", "-0", "0.000", "0e5", "0E-10", "1", "-1", "+1", "127", "128", "-128", "-129", "255",
         "256", "-256", "1.", ".5", "-.5", "1e3", "1E-7", "0.000001", "0.0000001", "123e-2",
         "99999999999999999999", "-99999999999999999999", "9223372036854775807",
         "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "1e300",
         "1e-300", "000123.4500", "999999999999999999", "1000000000000000000",
         "340282366920938463463374607431768211456", "18446744073709551616", "4294967296"]
for _ in range(200):
    digits = random.choice([1, 3, 9, 10, 17, 18, 19, 20, 27, 38, 77, 200, 1000])
    number = str(random.randrange(10 ** (digits - 1), 10 ** digits))
    at = random.randrange(len(number) + 1)
    texts.append(random.choice(["", "-"]) + (number[:at] or "0") + "." + number[at:])
    if digits < 30:
        texts.append(number + "e" + str(random.randrange(-40, 40)))

with open(__file__.replace(".py", ".txt"), "w") as out:
    for text in texts:
        out.write(row(text) + "\n")
