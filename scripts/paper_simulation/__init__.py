"""Papers that never were: random studies, printed as papers print them, with or without a mistake planted in them."""
