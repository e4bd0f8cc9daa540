"""The digital twin: a book of simulated firms lived through by the rules of production.

What is a rule comes from :mod:`lending` and :mod:`policies` and is not said again here. What the twin adds are firms
(:mod:`ops.twin.firms`), what their owners do (:mod:`ops.twin.people`, by ``assumptions.yaml``) and the tally.
"""
