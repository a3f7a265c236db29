"""What real records are like, in numbers and pictures, and how near made ones come."""
