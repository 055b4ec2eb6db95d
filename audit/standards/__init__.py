"""Every clinical number, dated, with its source, and the reader that checks them."""
