"""The sections of the report: each module gives the blocks of one, or nothing where the results hold nothing for it."""
