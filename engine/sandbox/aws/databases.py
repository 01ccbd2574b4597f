"""RDS: the company's databases, each with the automated snapshot that moto takes at birth."""

from moto.rds.models import rds_backends

from engine.sandbox.inventory import Cloud, Company, Database


def seed(company: Company) -> None:
    """Put the databases up."""
    for database in company.databases:
        if database.cloud is Cloud.AWS:
            _database(database)


def _database(database: Database) -> None:
    backend = rds_backends[database.account.id][database.region]
    made = backend.create_db_instance(
        {
            "db_instance_identifier": database.name,
            "db_instance_class": database.size,
            "engine": database.engine,
            "engine_version": database.version,
            "allocated_storage": database.storage_gb,
            "storage_type": "gp3",
            "storage_encrypted": database.encrypted,
            "multi_az": database.multi_az,
            "publicly_accessible": database.public,
            "deletion_protection": database.deletion_protection,
            "backup_retention_period": database.backup_days,
            "availability_zone": database.zone,
            "master_username": "acme",
            # Nothing listens behind a sandbox database: the word opens nothing.
            "master_user_password": f"play-{database.name}",
            "tags": [{"Key": key, "Value": value} for key, value in database.tags.items()],
        }
    )
    made.instance_create_time = database.created_at.replace(tzinfo=None)
    made.status = database.state
