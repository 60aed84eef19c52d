"""What our side is measured against: minimal, competent programs."""
