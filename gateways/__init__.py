"""How we speak to the outside: each party a Protocol and its HTTP implementation, with three named ways to fail."""
