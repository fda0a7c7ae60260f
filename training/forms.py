"""The run form, made from a method's typed settings."""
