"""Has both stores do the same, and prints what their spans say."""

import sys

from examples.opentracing.compare import EXPECTED, differences, report, traced_after, traced_before


def main() -> int:
    before, after = traced_before(), traced_after()
    print(report(before, after))
    return 0 if {one.what for one in differences(before, after)} == EXPECTED else 1


if __name__ == "__main__":
    sys.exit(main())
