"""Values only: frozen models that cross a boundary, and pure functions of them."""
