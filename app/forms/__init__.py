"""What people are asked: fields and field rules only; a rule that needs the database is a service's."""
