"""Programs in Go. Their processes go by any name; these are the names that hardly any other program has."""

from lastack.doctor.applications.ports import SQL
from lastack.doctor.applications.row import Advice, Application

__all__ = ["GO"]

GO = Application(
    "Go",
    ("go", "go-*", "*-go", "*_exporter", "*-exporter"),
    (
        Advice(
            "upstream-keepalive",
            "One client for all, which keeps more than the two idle connections a host that are the default; and read "
            "each body to its end, or its connection is not used again.",
            "Go",
            (
                "client := &http.Client{Transport: &http.Transport{",
                "    MaxIdleConns: 256, MaxIdleConnsPerHost: 64, IdleConnTimeout: 60 * time.Second}}",
                "io.Copy(io.Discard, response.Body)",
            ),
            "https://pkg.go.dev/net/http#Transport",
        ),
        Advice(
            "upstream-keepalive",
            "As many idle connections as open ones; the default keeps two.",
            "Go",
            ("db.SetMaxOpenConns(64)", "db.SetMaxIdleConns(64)", "db.SetConnMaxIdleTime(5 * time.Minute)"),
            "https://pkg.go.dev/database/sql#DB.SetMaxIdleConns",
            ports=SQL,
        ),
        Advice(
            "backlog",
            "The backlog is taken from net.core.somaxconn when the program begins to listen: restart it once that is "
            "raised.",
            "",
            (),
            "https://go.dev/src/net/sock_linux.go",
        ),
        Advice(
            "close-wait",
            "Close every response's body, errors or not.",
            "Go",
            ("defer response.Body.Close()",),
            "https://pkg.go.dev/net/http#Response",
        ),
        Advice(
            "idle",
            "From Go 1.23 on: probe idle connections after a minute.",
            "Go",
            (
                "dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{",
                "    Enable: true, Idle: time.Minute, Interval: 15 * time.Second, Count: 4}}",
            ),
            "https://pkg.go.dev/net#KeepAliveConfig",
        ),
        Advice(
            "dead-peer",
            "No read or write without a deadline.",
            "Go",
            ("connection.SetDeadline(time.Now().Add(30 * time.Second))",),
            "https://pkg.go.dev/net#Conn",
        ),
    ),
)
