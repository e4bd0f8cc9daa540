"""What a page shows, as small frozen values: the routes fill them, the templates dress them, the gallery invents them.

``parts`` (forms, steps), ``figures`` (what charts draw), then one module per audience.
"""
