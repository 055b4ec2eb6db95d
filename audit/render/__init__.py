"""What people read: the view holds every number and sentence as printed; the writers only loop and print."""
