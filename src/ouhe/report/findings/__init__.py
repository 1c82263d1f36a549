"""What the numbers show: each module holds the rules of one subject, each rule a condition that numbers may fail."""
