"""Papers by HTTP: attachments up and down, notices and forms as HTML and PDF."""

from api.papers.routes import add_papers

__all__ = ["add_papers"]
