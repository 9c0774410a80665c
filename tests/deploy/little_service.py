"""A stand-in for a service: answers /ready on PORT, and misbehaves as MODE says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

MODE = os.environ.get("MODE", "good")


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ready = MODE != "never-ready"
        self.send_response(200 if ready else 503)
        self.end_headers()
        self.wfile.write(b"ok" if ready else b"the schema is too old")

    def log_message(self, format: str, *args: object) -> None:
        print("asked for", self.path, flush=True)


def main() -> None:
    print("hello from", os.environ["NAME"], flush=True)
    if MODE == "refuses":
        sys.exit("Cannot start: DATABASE_URL: Field required")
    if MODE == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if MODE == "parent":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print("child", child.pid, flush=True)
    server = HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answers)
    if MODE == "dies":
        server.handle_request()
        time.sleep(0.1)
        sys.exit(3)
    server.serve_forever()


if __name__ == "__main__":
    main()
