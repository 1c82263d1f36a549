"""Results: labelled data together with the choices that made them."""
