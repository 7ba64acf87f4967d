"""Programs in Python: requests, httpx, redis-py, SQLAlchemy."""

from lastack.doctor.applications.ports import REDIS, SQL
from lastack.doctor.applications.row import Advice, Application

__all__ = ["PYTHON"]

_REQUESTS = "https://requests.readthedocs.io/en/latest/user/advanced/"
_HTTPX = "https://www.python-httpx.org/advanced/resource-limits/"
_SQLALCHEMY = "https://docs.sqlalchemy.org/en/20/core/pooling.html"
_REDIS = "https://redis.readthedocs.io/en/stable/connections.html"
_SOCKET = "https://docs.python.org/3/library/socket.html#socket.socket.setsockopt"

PYTHON = Application(
    "Python",
    ("python", "python[23]*", "celery", "uwsgi", "hypercorn"),
    (
        Advice(
            "upstream-keepalive",
            "requests: one Session, whose pool is as large as the number of threads; requests.get() opens anew.",
            "Python",
            ("session = requests.Session()", 'session.mount("http://", HTTPAdapter(pool_maxsize=64))'),
            f"{_REQUESTS}#session-objects",
        ),
        Advice(
            "upstream-keepalive",
            "httpx: one Client for all requests, that keeps its connections for a minute instead of 5 s.",
            "Python",
            ("client = httpx.Client(limits=httpx.Limits(max_keepalive_connections=64, keepalive_expiry=60))",),
            _HTTPX,
        ),
        Advice(
            "upstream-keepalive",
            "redis-py: one client, and so one pool, for the whole process.",
            "Python",
            ('client = redis.Redis(connection_pool=redis.BlockingConnectionPool(host="cache", max_connections=50))',),
            _REDIS,
            ports=REDIS,
        ),
        Advice(
            "upstream-keepalive",
            "SQLAlchemy: one engine for each process, not NullPool.",
            "Python",
            ("engine = create_engine(url, pool_size=20)",),
            _SQLALCHEMY,
            ports=SQL,
        ),
        Advice(
            "backlog",
            "socketserver asks for a backlog of 5 unless told otherwise.",
            "Python",
            ("class Server(socketserver.ThreadingTCPServer):", "    request_queue_size = 4096"),
            "https://docs.python.org/3/library/socketserver.html#socketserver.BaseServer.request_queue_size",
        ),
        Advice(
            "close-wait",
            "requests: give a streamed response back whatever happens.",
            "Python",
            ("with session.get(url, stream=True) as response:", "    body = response.content"),
            f"{_REQUESTS}#body-content-workflow",
        ),
        Advice(
            "close-wait",
            "httpx: drop idle connections soon, and end streamed responses whatever happens.",
            "Python",
            (
                "client = httpx.Client(limits=httpx.Limits(keepalive_expiry=5))",
                'with client.stream("GET", url) as response:',
                "    body = response.read()",
            ),
            _HTTPX,
        ),
        Advice(
            "close-wait",
            "SQLAlchemy: test a connection when it is taken from the pool, and let none grow old.",
            "Python",
            ("engine = create_engine(url, pool_pre_ping=True, pool_recycle=300)",),
            f"{_SQLALCHEMY}#disconnect-handling-pessimistic",
            ports=SQL,
        ),
        Advice(
            "idle",
            "Probe idle connections after a minute; httpx takes socket_options, requests an adapter.",
            "Python",
            (
                "sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)",
                "sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)",
            ),
            _SOCKET,
        ),
        Advice(
            "idle",
            "redis-py: a PING on a connection that has been idle for half a minute.",
            "Python",
            ('client = redis.Redis(host="cache", health_check_interval=30, socket_keepalive=True)',),
            _REDIS,
            ports=REDIS,
        ),
        Advice(
            "dead-peer",
            "Give up a connection on which nothing was acknowledged for half a minute.",
            "Python",
            ("sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30000)",),
            _SOCKET,
        ),
    ),
)
