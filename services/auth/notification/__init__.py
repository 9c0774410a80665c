"""Rich notifications of Microsoft's: the keys that they are sealed for, and opening them."""
