"""Amazon's services except S3: sessions, secrets, the Glue Data Catalog."""
