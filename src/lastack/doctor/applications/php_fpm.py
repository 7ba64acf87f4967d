"""PHP-FPM, and PHP programs as clients."""

from lastack.doctor.applications.ports import REDIS, SQL
from lastack.doctor.applications.row import Advice, Application

__all__ = ["PHP_FPM"]

_FPM = "https://www.php.net/manual/en/install.fpm.configuration.php"

PHP_FPM = Application(
    "PHP-FPM",
    ("php-fpm*", "php[0-9]*-fpm"),
    (
        Advice(
            "upstream-keepalive",
            "A request's handle may fetch many URLs on one connection; across requests only a local proxy with "
            "keep-alive can keep it.",
            "PHP",
            ("$handle = curl_init();", "// each fetch: curl_reset($handle) keeps live connections"),
            "https://www.php.net/manual/en/function.curl-reset.php",
        ),
        Advice(
            "upstream-keepalive",
            "Persistent connections stay open from request to request, one for each worker.",
            "PHP",
            ("$pdo = new PDO($dsn, $user, $password, [PDO::ATTR_PERSISTENT => true]);",),
            "https://www.php.net/manual/en/pdo.connections.php",
            ports=SQL,
        ),
        Advice(
            "upstream-keepalive",
            "pconnect() keeps the connection from request to request, one for each worker.",
            "PHP",
            ("$redis->pconnect('192.0.2.10', 6379);",),
            "https://github.com/phpredis/phpredis#pconnect-popen",
            ports=REDIS,
        ),
        Advice(
            "backlog",
            "A longer backlog than the 511 that PHP-FPM asks for.",
            "pool",
            ("listen.backlog = 4096",),
            f"{_FPM}#listen-backlog",
        ),
        Advice(
            "accept",
            "More workers, as far as memory goes: each takes one request at a time.",
            "pool",
            ("pm.max_children = 50",),
            f"{_FPM}#pm.max-children",
        ),
        Advice(
            "close-wait",
            "End a worker whose script does not come back.",
            "pool",
            ("request_terminate_timeout = 60s",),
            f"{_FPM}#request-terminate-timeout",
        ),
        Advice(
            "files",
            "Let the workers open more files.",
            "pool",
            ("rlimit_files = 65536",),
            f"{_FPM}#rlimit-files",
        ),
    ),
)
