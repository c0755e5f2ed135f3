"""Stores in a bucket of an S3 server: MinIO, Ceph, AWS and their like."""
