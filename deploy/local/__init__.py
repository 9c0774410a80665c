"""The whole of OneClick on one machine: embedded databases, the vendor sandbox and every process.

Nothing here is imported by a production process or installed in a production image.
"""
