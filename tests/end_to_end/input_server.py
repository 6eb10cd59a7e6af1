#!/usr/bin/env python3
"""Serves the files of a directory by http on loopback, and tells who fetched them.

Prints "listening on PORT", then for each request "STATUS PATH PID": the process
of this machine that asked, 0 where it can't be found. A file NAME.redirect makes
NAME lead to the URL in it. Listens at 127.0.0.1 and 127.0.0.2.
"""

import argparse
import http.server
import pathlib
import re
import threading


def socket_inode(port):
    """Of the end of a connection that has this port."""
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        columns = line.split()
        if int(columns[1].rpartition(":")[2], 16) == port:
            return columns[9]
    return None


def process_at(port):
    inode = socket_inode(port)
    for link in pathlib.Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(link.readlink()) == f"socket:[{inode}]":
                return int(link.parts[2])
        except OSError:
            # It is gone, or somebody else's.
            pass
    return 0


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.lstrip("/")
        status, content, target = self.find(name)
        print(status, name, process_at(self.client_address[1]), flush=True)
        self.send_response(status)
        if target is not None:
            self.send_header("Location", target)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def find(self, name):
        if not re.fullmatch(r"\w[\w.]*", name):
            return 404, b"", None
        file = pathlib.Path(self.server.directory, name)
        redirect = file.with_name(name + ".redirect")
        if redirect.exists():
            return 302, b"", redirect.read_text().strip()
        if not file.exists():
            return 404, b"", None
        return 200, file.read_bytes(), None

    def log_message(self, format, *words):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory")
    given = parser.parse_args()
    port = 0
    for address in ("127.0.0.1", "127.0.0.2"):
        server = http.server.ThreadingHTTPServer((address, port), Handler)
        server.directory = given.directory
        port = server.server_port
        threading.Thread(target=server.serve_forever).start()
    print(f"listening on {port}", flush=True)


if __name__ == "__main__":
    main()
