"""The catalogue: what a store's films are made of, in tables; and the ledger of what they cost.

The store's manifests are the truth: everything but the ledger is read from them, and can be again.
"""

from tasks.storage.catalogue.database import Catalogue, open_catalogue
from tasks.storage.catalogue.sync import SyncReport, address_of, rebuild, sync

__all__ = ["Catalogue", "SyncReport", "address_of", "open_catalogue", "rebuild", "sync"]
