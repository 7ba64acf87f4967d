"""Programs on the Java virtual machine: HttpClient, Apache HttpClient, HikariCP, Tomcat."""

from lastack.doctor.applications.ports import SQL
from lastack.doctor.applications.row import Advice, Application

__all__ = ["JAVA"]

_JDK = "https://docs.oracle.com/en/java/javase/21/docs/api/java.net.http"
_APACHE = "https://hc.apache.org/httpcomponents-client-5.6.x/current/httpclient5/apidocs/org/apache/hc/client5/http"
_TOMCAT = "https://tomcat.apache.org/tomcat-10.1-doc/config/http.html"
_HIKARI = "https://github.com/brettwooldridge/HikariCP#gear-configuration-knobs-baby"

JAVA = Application(
    "Java",
    ("java",),
    (
        Advice(
            "upstream-keepalive",
            "One java.net.http.HttpClient for all requests: each has a pool of its own.",
            "Java",
            ("private static final HttpClient CLIENT = HttpClient.newHttpClient();",),
            f"{_JDK}/java/net/http/HttpClient.html",
        ),
        Advice(
            "upstream-keepalive",
            "Apache HttpClient: one pooling manager, with more than the five connections a route that are the default.",
            "Java",
            (
                "PoolingHttpClientConnectionManagerBuilder.create()",
                "    .setMaxConnPerRoute(64).setMaxConnTotal(256).build();",
            ),
            f"{_APACHE}/impl/io/PoolingHttpClientConnectionManagerBuilder.html",
        ),
        Advice(
            "upstream-keepalive",
            "HikariCP: a pool whose connections live for longer than a moment.",
            "Java",
            ("config.setMaximumPoolSize(20);", "config.setMaxLifetime(1800000);"),
            _HIKARI,
            ports=SQL,
        ),
        Advice(
            "backlog",
            "Tomcat: a longer backlog than 100.",
            "server.xml",
            ('<Connector port="8080" acceptCount="4096" />',),
            _TOMCAT,
        ),
        Advice(
            "accept",
            "Tomcat: room for more connections and threads; beyond maxConnections they wait in the accept queue.",
            "server.xml",
            ('<Connector port="8080" maxConnections="8192" maxThreads="400" />',),
            _TOMCAT,
        ),
        Advice(
            "close-wait",
            "java.net.http: close the body's stream, read to its end or not.",
            "Java",
            ("try (InputStream body = response.body()) { body.readAllBytes(); }",),
            f"{_JDK}/java/net/http/HttpResponse.BodyHandlers.html",
        ),
        Advice(
            "close-wait",
            "Apache HttpClient: drop connections that are idle or that the server has closed.",
            "Java",
            ("builder.evictExpiredConnections().evictIdleConnections(TimeValue.ofSeconds(30));",),
            f"{_APACHE}/impl/classic/HttpClientBuilder.html",
        ),
        Advice(
            "idle",
            "java.net.http: drop idle connections sooner than the network forgets them.",
            "java command line",
            ("-Djdk.httpclient.keepalive.timeout=30",),
            f"{_JDK}/module-summary.html",
        ),
        Advice(
            "idle",
            "HikariCP: ping idle connections every two minutes.",
            "Java",
            ("config.setKeepaliveTime(120000);",),
            _HIKARI,
            ports=SQL,
        ),
    ),
)
