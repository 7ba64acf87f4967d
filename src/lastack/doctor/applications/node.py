"""Programs on Node.js."""

from lastack.doctor.applications.ports import POSTGRESQL
from lastack.doctor.applications.row import Advice, Application

__all__ = ["NODE"]

_API = "https://nodejs.org/api"

NODE = Application(
    "Node.js",
    ("node", "nodejs", "node-MainThread", "MainThread"),
    (
        Advice(
            "upstream-keepalive",
            "One agent for all requests, which keeps its sockets; before Node 19 the global one does not.",
            "JavaScript",
            ("const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });", "http.get(url, { agent });"),
            f"{_API}/http.html#new-agentoptions",
        ),
        Advice(
            "upstream-keepalive",
            "One pool for the whole process, instead of a client for each query.",
            "JavaScript",
            ("const pool = new pg.Pool({ max: 20, idleTimeoutMillis: 30000 });",),
            "https://node-postgres.com/apis/pool",
            ports=POSTGRESQL,
        ),
        Advice(
            "backlog",
            "A longer backlog than the 511 that Node asks for.",
            "JavaScript",
            ("server.listen({ port: 8080, backlog: 4096 });",),
            f"{_API}/net.html#serverlistenoptions-callback",
        ),
        Advice(
            "accept",
            "A process for each CPU; and nothing slow between two turns of the event loop.",
            "JavaScript",
            ("if (cluster.isPrimary) os.cpus().forEach(() => cluster.fork());",),
            f"{_API}/cluster.html",
        ),
        Advice(
            "close-wait",
            "Read every response to its end, and end a socket that the peer has ended where allowHalfOpen is set.",
            "JavaScript",
            ("response.resume();", "socket.on('end', () => socket.end());"),
            f"{_API}/http.html#class-httpclientrequest",
        ),
        Advice(
            "idle",
            "Probe idle connections after a minute.",
            "JavaScript",
            ("socket.setKeepAlive(true, 60000);",),
            f"{_API}/net.html#socketsetkeepaliveenable-initialdelay",
        ),
        Advice(
            "dead-peer",
            "Destroy a socket on which nothing has happened for half a minute.",
            "JavaScript",
            ("socket.setTimeout(30000, () => socket.destroy());",),
            f"{_API}/net.html#socketsettimeouttimeout-callback",
        ),
    ),
)
