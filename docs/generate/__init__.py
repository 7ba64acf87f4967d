"""The reference pages that are made from the tables of the code: a module a page."""
