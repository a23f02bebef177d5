"""The engines: pysail, and Spark on this machine, on a cluster, under spark-submit; judging, framing on executors."""
