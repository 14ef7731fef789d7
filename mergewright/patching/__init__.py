"""A model's edit becomes file contents: matched uniquely and applied whole, or refused."""
