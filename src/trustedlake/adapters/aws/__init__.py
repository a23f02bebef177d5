"""Amazon's services but for S3: sessions, secrets, the Glue Data Catalog."""
