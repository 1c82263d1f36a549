"""Pure functions on labelled arrays: one stage or question a module, one method a function."""
