"""Spark on this machine, on a cluster and under spark-submit: sessions, judging, framing on executors."""
