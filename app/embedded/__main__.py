"""`make run`: start the house and stay until it is stopped."""

import sys

from app.embedded.checks import reason_of
from app.embedded.house import House
from app.embedded.places import CannotStart
from config import BadSetting, load


def main() -> int:
    """One sentence on stderr and a code other than 0 when the house cannot stand."""
    try:
        House(load(makes_keys=False)).run()
    except (BadSetting, CannotStart) as reason:
        print(reason, file=sys.stderr)
        return 1
    except (OSError, RuntimeError, UnicodeError) as error:
        print(
            f"Guichet cannot start ({type(error).__name__}: {reason_of(error)}): "
            "correct what this names; `.venv/bin/flask --app run guichet doctor` tells more.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
