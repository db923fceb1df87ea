"""Published statistics: monthly and yearly tables for the offices, an open data file for everyone.

All of them ask the API for its indicators, as one log position knows them, so that each can be made again.
"""
