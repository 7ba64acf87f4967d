"""Remote ports that tell what a client talks to."""

__all__ = ["POSTGRESQL", "REDIS", "SQL"]

POSTGRESQL = (5432, 6432)  # PgBouncer's default is the second
REDIS = (6379,)
SQL = (*POSTGRESQL, 3306, 1433, 1521)  # MySQL, SQL Server, Oracle
