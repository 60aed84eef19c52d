"""What a file is and whether it is safe: pure inspection of bytes, without database, request or storage."""
