"""``python -m web.gallery --port N``: look at every page without a database."""

import argparse

import uvicorn

from web.gallery.app import create


def main() -> None:
    """Serve the gallery on the loopback interface."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8765)
    uvicorn.run(create(), host="127.0.0.1", port=parser.parse_args().port, log_level="warning")


if __name__ == "__main__":
    main()
