"""The document store: contents of papers, each sealed under the key of its household before it gets here."""

from infra.documents.s3 import S3Store
from infra.documents.store import DocumentStore, FolderStore, open_document_store
from infra.documents.vault import Attached, Checked, Content, DocumentVault, Trouble

__all__ = [
    "Attached",
    "Checked",
    "Content",
    "DocumentStore",
    "DocumentVault",
    "FolderStore",
    "S3Store",
    "Trouble",
    "open_document_store",
]
